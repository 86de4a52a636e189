"""The readiness page's history: the trend, what changed, and two checks side by side."""

import os
from collections.abc import Mapping
from dataclasses import replace

import streamlit as st

from lab.readiness.changes import compare_runs, list_changes, make_trend
from lab.readiness.history import HistoryUnavailable, KeptRun, history_path, read_runs, read_targets
from lab.ui.caches import read_theme
from lab.ui.findings import frame_changes, frame_difference, frame_trend
from lab.ui.frames import Frame
from lab.ui.trend import make_trend_chart, write_trend

TREND_ROWS, CHANGED_ROWS, COMPARED = 8, 12, 40
NOBODY = ""


def draw_history(target: str, *, others: bool) -> None:
    """Draw the past checks of a target.

    Args:
        target: As its checks are named.
        others: True when checks of other targets may be shown beside it.
    """
    path = history_path(os.environ)
    try:
        runs = read_runs(path, target)
        names = [name for name in read_targets(path) if name != target] if others else []
        other = [run for name in names for run in read_runs(path, name, limit=COMPARED)]
    except HistoryUnavailable as error:
        st.warning(f"There is no history. {error}", icon=":material/history_toggle_off:")
        return
    if not runs:
        st.info("No check of this target is kept yet. Each that is run is kept here.", icon=":material/history:")
        return
    _draw_trend(runs)
    _draw_comparison({name_run(run): run for run in (*reversed(runs[-COMPARED:]), *reversed(other))})


def _draw_trend(runs: tuple[KeptRun, ...]) -> None:
    points, changes = make_trend(runs), list_changes(runs)
    alike = tuple(point for point in points if point.scope == points[-1].scope)
    st.subheader("Trend", anchor=False)
    st.markdown(write_trend(alike))
    if len(alike) < len(points):
        st.caption("Only checks of the same layers as the newest are in the chart; the table has all.")
    with st.container(horizontal=True, gap="large", key="trend"):
        with st.container():
            st.altair_chart(make_trend_chart(alike, read_theme()), alt=f"Findings by severity. {write_trend(alike)}")
            if any(point.unknown for point in alike):
                st.caption("A question mark stands where not all could be checked.")
        with st.container():
            st.markdown(frame_trend(points[-TREND_ROWS:], changes[-TREND_ROWS:]).markdown())
            if len(points) > TREND_ROWS:
                st.caption(f"The newest {TREND_ROWS} of {len(points)}; `python -m lab history` lists all.")
    _draw_changes(frame_changes(changes[-1]))


def _draw_changes(frame: Frame) -> None:
    shown, rest = (replace(frame, rows=rows) for rows in (frame.rows[:CHANGED_ROWS], frame.rows[CHANGED_ROWS:]))
    st.markdown(f"### What the newest changed\n\n{shown.markdown()}")
    if rest.rows:
        with st.expander(f"{len(rest.rows)} more"):
            st.markdown(rest.markdown())


def _draw_comparison(runs: Mapping[str, KeptRun]) -> None:
    """Draw any two checks side by side: of two targets, or of one at two times; the newest is first."""
    st.subheader("Compare two checks", anchor=False)
    if st.session_state.get("check") not in runs:
        st.session_state["check"] = next(iter(runs))
    if st.session_state.get("against") not in runs:
        st.session_state["against"] = NOBODY
    with st.container(horizontal=True, key="compared"):
        check = st.selectbox("Check", tuple(runs), key="check")
        against = st.selectbox(
            "Beside", (NOBODY, *runs), format_func=lambda id: id or "Choose another check", key="against"
        )
    if against:
        difference = compare_runs(runs[str(against)], runs[str(check)])
        st.markdown(frame_difference(difference, str(against), str(check)).markdown())


def name_run(run: KeptRun) -> str:
    """Name a check by its target and time; stands in the address."""
    return f"{run.target} {run.started_at:%Y-%m-%dT%H:%M:%S}"
