"""What goes on with a run: the database's start, progress with its cancelling, the end. For every page that asks."""

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar

import streamlit as st

from lab.ui.kit.background import Board, Run, StepState
from lab.ui.kit.markdown import plain
from lab.ui.kit.server_database import open_house
from lab.ui.kit.tables import Frame
from lab.ui.kit.targets import Place, ask_permission
from lab.ui.kit.verdicts import Face

Result = TypeVar("Result")
LOOK_AGAIN_SECONDS = 0.7
STEP_FACES: Mapping[StepState, Face] = {
    "waiting": Face("waiting", "schedule", "gray"),
    "asking": Face("asking", "sync", "blue"),
    "answered": Face("answered", "check", "green"),
}


def start_first(place: Place, board: Board[Result], make: Callable[[], Run[Result]]) -> None:
    """Ask made-up data by itself, once; a live target is asked only when somebody says so."""
    if place.made_up and place.url and board.find(place.name) is None:
        board.start(make())


def draw_state(place: Place, board: Board[Result], invitation: str) -> Result | None:
    """Draw what goes on, and return the newest result there is, if it is to be shown.

    Args:
        place: The database that was chosen.
        board: Its runs.
        invitation: What to do while nobody has asked it yet.
    """
    run = board.find(place.name)
    if place.fault:
        st.warning(f"Nothing can be asked. {place.fault}", icon=":material/database_off:")
    elif not place.url or (run is not None and run.running):
        allowed = ask_permission().allowed
        st.fragment(_draw_progress, run_every=LOOK_AGAIN_SECONDS)(place, board, allowed)
        return None
    elif run is None:
        st.info(invitation, icon=":material/play_arrow:")
    else:
        _draw_end(run)
    done = board.find_done(place.name)
    if run is not None and done is not None and done is not run:
        st.caption("What stands below is of the time before that.")
    return done.result if done else None


def _draw_progress(place: Place, board: Board[Result], allowed: bool) -> None:
    run = board.find(place.name)
    if ask_permission().allowed is not allowed:
        st.rerun()  # a login may expire while a fragment draws itself again and again
    if not place.url:
        if open_house().state != "starting":
            st.rerun()
        st.status("Starting the database", expanded=True).markdown(_list_steps())
    elif run is None or not run.running:
        st.rerun()
    else:
        _draw_running(run, allowed)


def _list_steps() -> str:
    return "\n".join(f"- {step}" for step in tuple(open_house().steps)) or "- Looking for the packaged Postgres"


def _draw_running(run: Run[Result], allowed: bool) -> None:
    with st.container(border=True, key="running"):
        st.progress(run.share, f"Asking {plain(run.target)} for {run.seconds:.0f} s")
        st.markdown(frame_steps(run.steps).markdown())
        st.button("Cancel", icon=":material/stop:", on_click=_cancel, args=(run, allowed))


def _cancel(run: Run[Result], allowed: bool) -> None:
    """Cancel a run, if this visitor still may what they might when it was drawn; for callbacks."""
    if ask_permission().allowed is allowed:
        run.cancel()


def _draw_end(run: Run[Result]) -> None:
    if run.state == "failed":
        st.error(f"It could not be done. {plain(run.reason)}", icon=":material/error:")
    elif run.state == "cancelled":
        st.info(f"Cancelled after {run.seconds:.0f} s. Nothing of it is kept.", icon=":material/stop:")


def frame_steps(steps: Iterable[tuple[str, StepState]]) -> Frame:
    """Shape the progress of a run."""
    return Frame(("State", "Does this hold?"), tuple((STEP_FACES[state].chip(), title) for title, state in steps), "")
