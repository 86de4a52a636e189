"""The readiness page's history: past checks, what changed, and two checks side by side."""

import os

import streamlit as st

from lab.readiness.changes import compare_runs, find_changes, make_trend
from lab.readiness.history import HistoryUnavailable, KeptRun, history_path, read_runs, read_targets
from lab.ui.findings import frame_changes, frame_difference, frame_trend

TREND_ROWS, COMPARED = 12, 40
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
        names = read_targets(path) if others else (target,)
        other = [run for name in names for run in read_runs(path, name, limit=COMPARED)]
    except HistoryUnavailable as error:
        st.warning(f"There is no history. {error}", icon=":material/history_toggle_off:")
        return
    st.markdown(f"### Past checks\n\n{frame_trend(make_trend(runs[-TREND_ROWS:])).markdown()}")
    if runs:
        st.markdown(f"### What changed\n\n{frame_changes(find_changes(runs)).markdown()}")
        _draw_comparison(runs[-1], other)


def _draw_comparison(newest: KeptRun, runs: list[KeptRun]) -> None:
    others = {name_run(run): run for run in reversed(runs) if name_run(run) != name_run(newest)}
    if st.session_state.get("against", NOBODY) not in others:
        st.session_state["against"] = NOBODY
    st.subheader("Compare", anchor=False)
    against = st.selectbox(
        "The newest check, beside",
        (NOBODY, *others),
        format_func=lambda id: id or "Choose a check",
        key="against",
    )
    if against:
        st.markdown(frame_difference(compare_runs(others[against], newest), against, name_run(newest)).markdown())


def name_run(run: KeptRun) -> str:
    """Name a check by its target and time; stands in the address."""
    return f"{run.target} {run.started_at:%Y-%m-%dT%H:%M:%S}"
