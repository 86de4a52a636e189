"""A run on a page: the database's start, the progress with its cancel button, and how the run ended."""

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from lab.readiness.permission import Permission
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.kit.reports import open_board
from lab.ui.kit.server_database import open_server_database
from lab.ui.kit.strip import draw_strip
from lab.ui.kit.targets import Place, check_permission, find_place, is_open

Result = TypeVar("Result")
REFRESH_SECONDS = 0.7


def start_first(place: Place, runs: Runs[Result], make: Callable[[], Run[Result]]) -> None:
    """Start a first run on made-up data; a live target waits for the button."""
    if place.made_up and place.url and runs.find(place.name) is None:
        runs.start(make())


def draw_state(place: Place, runs: Runs[Result], part: str, invitation: str | Callable[[], str]) -> bool:
    """Draw the status strip of a target, and the state of the page's newest run.

    Args:
        place: The database that was chosen.
        runs: The page's runs.
        part: What the page's runs read of the target.
        invitation: What to do before that was read, or what writes it then.

    Returns:
        Whether the page shows results now: not while it runs.
    """
    results, run = open_board().find(place.name), runs.find(place.name)
    draw_strip(place, check_permission(), previous=run is not None and run.state in ("failed", "cancelled"))
    return draw_run(place, runs, known=part in results.times, invitation=invitation)


def draw_run(place: Place, runs: Runs[Result], *, known: bool, invitation: str | Callable[[], str]) -> bool:
    """Draw the state of a page's newest run.

    Args:
        place: The database that was chosen.
        runs: The page's runs.
        known: Whether there is a result to show.
        invitation: What to do while there is none, or what writes it then.

    Returns:
        Whether the page shows results now: not while it runs.
    """
    run = runs.find(place.name)
    if place.made_up and (notice := open_server_database().notice):
        st.info(notice, icon=":material/restart_alt:")
    if place.fault:
        st.warning(f"The check cannot run. {place.fault}", icon=":material/database_off:")
    elif not place.url or (run is not None and run.running):
        st.fragment(_draw_progress, run_every=REFRESH_SECONDS)(place, runs, check_permission().allowed)
        return False
    elif run is not None:
        _draw_end(run)
    elif not known:
        st.info(invitation if isinstance(invitation, str) else invitation(), icon=":material/play_arrow:")
    return True


def _draw_progress(place: Place, runs: Runs[Result], allowed: bool) -> None:
    run = runs.find(place.name)
    if check_permission().allowed is not allowed:
        st.rerun()  # a login may expire while a fragment draws itself again and again
    if not place.url:
        if open_server_database().state != "starting":
            st.rerun()
        steps = tuple(open_server_database().steps) or ("Looking for the packaged Postgres",)
        st.status("Starting the database", expanded=True).markdown("\n".join(f"- {step}" for step in steps))
    elif run is None or not run.running:
        st.rerun()
    else:
        _draw_running(run, allowed)


def _draw_running(run: Run[Result], allowed: bool) -> None:
    with st.container(border=True, key="running"):
        st.progress(run.share, f"Checking {plain(run.target)} for {run.seconds:.0f} s")
        st.markdown("\n".join(f"- {badge(state)} {title}" for title, state in run.steps))
        st.button("Cancel", icon=":material/stop:", on_click=_cancel, args=(run, allowed))


def _cancel(run: Run[Result], allowed: bool) -> None:
    """Cancel a run, if this visitor still has the permission that it was drawn with; for callbacks."""
    if check_permission().allowed is allowed:
        run.cancel()


def _draw_end(run: Run[Result]) -> None:
    if run.state == "failed":
        st.error(f"The check failed. {plain(run.reason)}", icon=":material/error:")
    elif run.state == "cancelled":
        st.info(f"Cancelled after {run.seconds:.0f} s. No result was kept.", icon=":material/stop:")


def draw_run_button(
    label: str,
    start: Callable[[], None],
    target: str,
    permission: Permission,
    runs: Runs[Result],
    help: str | None = None,
) -> None:
    """Draw the button that starts a run; while one runs on the target, it is disabled."""
    run = runs.find(find_place(target).name) if is_open(target, permission) else None
    st.button(
        label, icon=":material/play_arrow:", type="primary", width="stretch", on_click=start, help=help,
        disabled=run is not None and run.running,
    )  # fmt: skip
