"""The readiness page's history: the trend, what changed, and two checks side by side."""

import os
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from lab.readiness.changes import TrendPoint, compare_runs, list_changes, make_trend
from lab.readiness.families import OF_SITE
from lab.readiness.history import KEEP_RUNS, History, HistoryUnavailable, KeptRun, find_history, read_runs, read_targets
from lab.readiness.permission import Permission
from lab.ui.kit.caches import read_theme
from lab.ui.kit.markdown import name
from lab.ui.kit.tables import Frame
from lab.ui.navigation import READINESS
from lab.ui.readiness.findings import frame_changes, frame_difference, frame_trend
from lab.ui.readiness.run import hide_folder
from lab.ui.readiness.trend import count_standing, make_trend_chart, pick_scope, write_trend

TREND_ROWS, CHANGED_ROWS, COMPARED = 8, 12, 40
NEWEST = NOBODY = ""
MEMORY = READINESS.memory


def draw_history(target: str, permission: Permission) -> None:
    """Draw the past checks of a target; beside it those of others, for whoever may operate.

    Args:
        target: As its checks are named.
        permission: Of this visitor.
    """
    history = find_history(os.environ)
    try:
        runs = read_open_runs(history, target, permission)
        others = [one for one in read_targets(history) if one != target] if permission.allowed else []
        other = [run for one in others for run in read_runs(history, one, limit=COMPARED)]
    except HistoryUnavailable as error:
        st.warning(f"There is no history. {hide_folder(error, history)}", icon=":material/history_toggle_off:")
        return
    if not runs:
        st.info("No check of this target is kept yet. Each that is run is kept here.", icon=":material/history:")
        return
    _draw_trend(runs)
    _draw_comparison({name_run(run): run for run in (*reversed(runs[-COMPARED:]), *reversed(other))})


def read_open_runs(
    history: History, target: str, permission: Permission, limit: int = KEEP_RUNS
) -> tuple[KeptRun, ...]:
    """Return of the newest past checks of a target those that this visitor may see, the oldest first.

    A check that asked about the site itself, whatever its target, is for whoever may operate.

    Raises:
        HistoryUnavailable: It can't be used.
    """
    runs = read_runs(history, target, limit)
    return tuple(run for run in runs if permission.allowed or not run.asked & OF_SITE)


def _draw_trend(runs: tuple[KeptRun, ...]) -> None:
    points, changes = make_trend(runs), list_changes(runs)
    st.subheader("Trend", anchor=False)
    st.markdown(write_trend(points))
    with st.container(horizontal=True, gap="large", key="trend"):
        _draw_chart(points)
        with st.container():
            st.markdown(frame_trend(points[-TREND_ROWS:], changes[-TREND_ROWS:]).markdown())
            if len(points) > TREND_ROWS:
                st.caption(f"The newest {TREND_ROWS} of {len(points)}; `python -m lab history` lists all.")
    severities = {finding.key: finding.severity for run in runs for finding in run.findings}
    _draw_changes(frame_changes(changes[-1], severities, first=len(runs) == 1))


def _draw_chart(points: tuple[TrendPoint, ...]) -> None:
    """Draw the checks of the newest one's layers, unless there is nothing to see in any."""
    alike = pick_scope(points)
    if not any(count_standing(point) or point.unknown for point in alike):
        return
    with st.container():
        st.altair_chart(make_trend_chart(alike, read_theme()), alt=f"Findings by severity. {write_trend(points)}")
        if len(alike) < len(points):
            st.caption("Only checks of the same layers as the newest are in the chart; the table has all.")
        if any(point.unknown for point in alike):
            st.caption("A question mark stands where not all could be checked.")


def _draw_changes(frame: Frame) -> None:
    shown, rest = (replace(frame, rows=rows) for rows in (frame.rows[:CHANGED_ROWS], frame.rows[CHANGED_ROWS:]))
    st.markdown(f"### What the newest changed\n\n{shown.markdown()}")
    if rest.rows:
        with st.expander(f"{len(rest.rows)} more"):
            st.markdown(rest.markdown())


def _draw_comparison(runs: Mapping[str, KeptRun]) -> None:
    """Draw any two checks side by side: of two targets, or of one at two times; the newest is first."""
    st.subheader("Compare two checks", anchor=False)
    for key, start in (("check", NEWEST), ("against", NOBODY)):  # no name, which another one's would be tomorrow
        if (asked := str(MEMORY.get(key, start))) not in runs:
            MEMORY[key] = start
            if asked != start:
                st.warning(f"The link names the check {name(asked)}, which is not kept.", icon=":material/link_off:")
    with st.container(horizontal=True, key="compared"):
        newest = next(iter(runs))
        check = (
            st.selectbox(
                "Check",
                (NEWEST, *runs),
                format_func=lambda id: id or f"The newest, {newest}",
                key=MEMORY.key("check"),
            )
            or newest
        )
        against = st.selectbox(
            "Beside", (NOBODY, *runs), format_func=lambda id: id or "Choose another check", key=MEMORY.key("against")
        )
    if against:
        difference = compare_runs(runs[str(against)], runs[str(check)])
        st.markdown(frame_difference(difference, str(against), str(check)).markdown())


def name_run(run: KeptRun) -> str:
    """Name a check by its target and time; stands in the address."""
    return f"{run.target} {run.started_at:%Y-%m-%dT%H:%M:%S}"
