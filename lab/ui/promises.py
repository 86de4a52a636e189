"""The chapters page's parts: the database's start, the counts, the sixteen promises."""

import psycopg
import streamlit as st

from lab.database import DatabaseUnavailable
from lab.readiness.targets import EMBEDDED
from lab.ui.caches import read_states
from lab.ui.chapters import STATES, Promise, count_states, shape_promises, write_details, write_promise
from lab.ui.findings import plain
from lab.ui.house import House, open_house
from lab.ui.places import ask_permission, draw_refusal, find_place, is_open, tell_fault
from lab.ui.verdicts import STATE_FACES

FILTERS = ("all", *STATES)
LOOK_AGAIN_SECONDS = 1.0


def draw_promises(state: str, target: str) -> None:
    """Draw the chapters of a target, to whoever may see it.

    While the database starts, they look again every second, and the rest of the page is drawn at once.

    Args:
        state: Which chapters.
        target: The database that was chosen.
    """
    permission = ask_permission()
    if not is_open(target, permission):
        draw_refusal(permission)
        _draw_chapters(state, shape_promises(None, "Live data is not shown."))
        return
    if target != EMBEDDED:
        place = find_place(target)
        _draw_chapters(state, _ask_promises(place.name, place.url))
        return
    starting = open_house().state == "starting"
    st.fragment(_draw_now, run_every=LOOK_AGAIN_SECONDS if starting else None)(state, starting)


def _draw_now(state: str, was_starting: bool) -> None:
    house = open_house()
    if not is_open(EMBEDDED, ask_permission()):
        st.rerun()
    if was_starting and house.state != "starting":
        st.rerun()
    _draw_house(house)
    _draw_chapters(state, _read_promises(house))


def _draw_chapters(state: str, promises: tuple[Promise, ...]) -> None:
    _draw_counts(promises)
    shown = [promise for promise in promises if state in ("all", promise.state)]
    if not shown:
        st.markdown(f"No chapter is {state} now.")
    for promise in shown:
        with st.container(border=True, gap="small"):
            st.markdown(write_promise(promise))
            with st.expander("Proofs, rules and tables", type="compact"):
                st.markdown(write_details(promise))


def _draw_house(house: House) -> None:
    if house.state == "starting":
        with st.status("Starting the database", expanded=True):
            st.markdown("\n".join(f"- {step}" for step in tuple(house.steps)) or "- Looking for the packaged Postgres")
    elif house.state == "unavailable":
        st.warning(f"No state can be read. {tell_fault(house)}", icon=":material/database_off:")


def _read_promises(house: House) -> tuple[Promise, ...]:
    if house.state == "starting":
        return shape_promises(None, "The database is still starting.")
    if house.state == "unavailable":
        return shape_promises(None, "No database could be asked.")
    return _ask_promises(house.name, house.url)


def _ask_promises(name: str, url: str) -> tuple[Promise, ...]:
    try:
        with st.spinner("Asking the database", show_time=True):
            return shape_promises(read_states(name, url), "")
    except DatabaseUnavailable as error:
        reason = f"{plain(name)}: {error.found}. {error.next_step}."
    except psycopg.Error:  # its words may quote what was asked, and of whom
        reason = "The database stopped answering. Look again in a moment."
    st.warning(f"No state can be read. {reason}", icon=":material/database_off:")
    return shape_promises(None, "No database could be asked.")


def _draw_counts(promises: tuple[Promise, ...]) -> None:
    grid = st.grid(3, min_column_width=110, border=True)
    for state, count in count_states(promises).items():
        face = STATE_FACES[state]
        grid.cell().metric(f":{face.colour}[:material/{face.icon}:] {face.word.capitalize()}", count)
