"""The readiness page's history: the trend, what changed, and two checks side by side."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from lab.readiness.changes import TrendPoint, compare_runs, list_changes, make_trend
from lab.readiness.families import OF_SITE
from lab.readiness.history import KEEP_RUNS, History, HistoryUnavailable, KeptRun, find_history, read_runs, read_targets
from lab.readiness.permission import Permission
from lab.ui.kit.caches import read_theme
from lab.ui.kit.markdown import name
from lab.ui.kit.tables import draw_table
from lab.ui.navigation import READINESS
from lab.ui.readiness.findings import SEVERITY_WORDS
from lab.ui.readiness.frames import (
    CHECKED,
    COLOURS,
    count_standing,
    frame_bars,
    frame_changes,
    frame_difference,
    frame_trend,
    pick_scope,
    write_trend,
)
from lab.ui.readiness.run import hide_folder

SHOWN_CHECKS = 40
FRESH_SECONDS = 3  # that checks on a server are shown without asking it again
NONE = ""
MEMORY = READINESS.memory


def draw_history(target: str, permission: Permission) -> None:
    """Draw the past checks of a target; beside it those of others, for operators.

    Args:
        target: As its checks are named.
        permission: Of this visitor.
    """
    history = find_history(os.environ)
    try:
        runs = read_open_runs(history, target, permission)
        others = [one for one in read_targets(history) if one != target] if permission.allowed else []
        other = [run for one in others for run in read_runs(history, one, limit=SHOWN_CHECKS)]
    except HistoryUnavailable as error:
        st.warning(f"There is no history. {hide_folder(error, history)}", icon=":material/history_toggle_off:")
        return
    if not runs:
        st.info("The history has no check of this target yet. Every check is added here.", icon=":material/history:")
        return
    _draw_trend(runs)
    _draw_comparison({name_run(run): run for run in (*reversed(runs[-SHOWN_CHECKS:]), *reversed(other))})


def read_open_runs(
    history: History, target: str, permission: Permission, limit: int = KEEP_RUNS
) -> tuple[KeptRun, ...]:
    """Return the newest past checks of a target that this visitor may see, the oldest first.

    Only operators see a check that included the site itself, whatever its target.

    Raises:
        HistoryUnavailable: It can't be used.
    """
    runs = _read_once(history, target, limit, _stamp(history))
    return tuple(run for run in runs if permission.allowed or not run.asked & OF_SITE)


@st.cache_resource(show_spinner=False, max_entries=24, ttl=60)
def _read_once(history: History, target: str, limit: int, stamp: object) -> tuple[KeptRun, ...]:
    """Return past checks, which are read once while the stamp is the same."""
    return read_runs(history, target, limit)


def _stamp(history: History) -> object:
    """Return what changes with the history: when its files were changed, or, on a server, every few seconds."""
    if not isinstance(history, Path):
        return time.monotonic() // FRESH_SECONDS
    files = (history, history.with_name(f"{history.name}-wal"))
    found = [os.stat(file) for file in files if os.path.exists(file)]
    return [(one.st_ino, one.st_size, one.st_mtime_ns, one.st_ctime_ns) for one in found]


def _draw_trend(runs: tuple[KeptRun, ...]) -> None:
    points, changes = make_trend(runs), list_changes(runs)
    st.subheader("Trend", anchor=False)
    st.markdown(write_trend(points))
    _draw_chart(points)
    checks = frame_trend(points[-SHOWN_CHECKS:], changes[-SHOWN_CHECKS:])
    draw_table(MEMORY, "Checks", checks, empty="")
    if len(points) > SHOWN_CHECKS:
        st.caption(f"The newest {SHOWN_CHECKS} of {len(points)} checks. `python -m lab history` lists all.")
    severities = {finding.key: finding.severity for run in runs for finding in run.findings}
    first = "This is the first check, so there is nothing to compare."
    empty = first if len(runs) == 1 else "No change since the previous check."
    draw_table(MEMORY, "Changes in the newest check", frame_changes(changes[-1], severities), empty=empty)


def _draw_chart(points: tuple[TrendPoint, ...]) -> None:
    """Draw the checks of the newest one's layers, unless none of them has a bar."""
    alike = pick_scope(points)
    if not any(count_standing(point) or point.unknown for point in alike):
        return
    st.bar_chart(
        frame_bars(alike), x=CHECKED, y=list(SEVERITY_WORDS), y_label="Findings", sort=False, height=320,
        color=[*COLOURS[read_theme()]], alt=f"Findings by severity. {write_trend(points)}",
    )  # fmt: skip
    if len(alike) < len(points):
        st.caption("The chart has only checks of the same layers as the newest one. The table has all.")


def _draw_comparison(runs: Mapping[str, KeptRun]) -> None:
    """Draw any two checks side by side: of two targets, or of one at two times; the newest is first."""
    st.subheader("Compare two checks", anchor=False)
    for key in ("check", "against"):  # empty is the newest check, whose name would be another one's tomorrow
        if (wanted := str(MEMORY.get(key, NONE))) not in runs:
            MEMORY[key] = NONE
            if wanted:
                st.warning(
                    f"The history has no check {name(wanted)}, which this link names.", icon=":material/link_off:"
                )
    newest, *_ = runs
    with st.grid(2, min_column_width=260):
        check = _draw_choice("Check", "check", runs, f"The newest, {newest}") or newest
        against = _draw_choice("Compare with", "against", runs, "Choose another check")
    if against:
        difference = frame_difference(compare_runs(runs[against], runs[check]), against, check)
        draw_table(MEMORY, "Difference", difference, empty="Both checks found the same.")


def _draw_choice(label: str, key: str, runs: Mapping[str, KeptRun], none: str) -> str:
    return str(st.selectbox(label, (NONE, *runs), format_func=lambda id: id or none, key=MEMORY.key(key)))


def name_run(run: KeptRun) -> str:
    """Name a check by its target and time, as the address holds it."""
    return f"{run.target} {run.started_at:%Y-%m-%dT%H:%M:%S}"
