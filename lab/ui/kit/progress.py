"""A run on a page: the target's status, the progress with its cancel button, and how the run ended."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

import streamlit as st

from lab.readiness.permission import Permission
from lab.readiness.report import Report
from lab.readiness.results import Results
from lab.sql import fingerprint_schema
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.badges import badge
from lab.ui.kit.markdown import plain
from lab.ui.kit.reports import find_report, open_board
from lab.ui.kit.server_database import open_server_database
from lab.ui.kit.targets import Place, check_permission

Result = TypeVar("Result")
REFRESH_SECONDS = 0.7


def draw_strip(place: Place, runs: Runs[Result], permission: Permission) -> None:
    """Draw the status strip of a target: its name, its verdict, and how old that is."""
    run, results, now = runs.find(place.name), open_board().find(place.name), datetime.now(UTC)
    report = find_report(place, permission) if results.times else None
    previous = run is not None and run.state in ("failed", "cancelled")
    with st.container(key="strip"):
        told = write_strip(place.name, report, results, now, fingerprint_schema(), previous=previous)
        st.markdown(told, help=results.describe_times(now) or None)


def write_strip(
    target: str, report: Report | None, results: Results, now: datetime, rules: str, *, previous: bool = False
) -> str:
    """Write the strip as one line of Markdown. Pure.

    Args:
        target: The target's name.
        report: What is known of it; None when nothing is.
        results: The newest result of each part, with its time.
        now: The time.
        rules: The fingerprint of the rules now.
        previous: Whether a newer run gave no result.
    """
    if not results.times:
        return f"{badge('not run')} **{plain(target)}** :small[:gray[not checked since the app started]]"
    word = report.verdict.value if report else "unknown"
    old = f" {badge('older than the rules: run again')}" if results.is_older_than(rules) else ""
    said = " The results below are from the previous check." if previous else ""
    return f"{badge(word)} **{plain(target)}** :small[:gray[checked {results.describe_ages(now)}.{said}]]{old}"


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
