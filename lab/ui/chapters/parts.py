"""The chapters page's parts: inputs, the check, the counts, the sixteen promises."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

import lab.readiness.chapters
from lab.checks.finding import Finding
from lab.checks.state import State
from lab.readiness.chapters import STEPS, judge_chapters
from lab.readiness.permission import Permission
from lab.readiness.reports.chapters import CHAPTER_FORMS, Chapters
from lab.rehearsal.record import read_recorded
from lab.services.anchor import find_source
from lab.text.product_files import home_folder
from lab.ui.chapters import shape
from lab.ui.chapters.shape import STATES, Promise
from lab.ui.kit.background import Run
from lab.ui.kit.badges import look
from lab.ui.kit.parts import draw_export
from lab.ui.kit.reports import open_board
from lab.ui.kit.tables import draw_table
from lab.ui.kit.targets import Place
from lab.ui.kit.url import Field
from lab.ui.navigation import CHAPTERS, READINESS
from lab.ui.target_page import TargetPage

FILTERS = ("all", *STATES)
MEMORY = CHAPTERS.memory
HINT = "Not run on this target yet. Run the check: it only reads."


def make_reading(place: Place, _: Permission) -> Run[None]:
    """Return a reading of all chapters that can be started."""
    read_at, board = datetime.now(UTC), open_board()

    def work(run: Run[None]) -> None:
        anchors = find_source(os.environ, target=place.name)
        proofs = lab.readiness.chapters.read_proofs(place.url, anchors=anchors, watch=run.step)
        run.seal()
        board.keep(place.name, read_at, proofs._asdict())

    return Run(place.name, STEPS, work)


FIELDS = (Field(name="state", kind="state", options=FILTERS, default="all"),)
PAGE = TargetPage(CHAPTERS, make_reading, "Run the check", FIELDS)


def draw_filters() -> None:
    """Draw the choice of a state."""
    st.pills("Show", FILTERS, format_func=str.capitalize, key=MEMORY.key("state"), required=True)


def draw_promises(place: Place | None, permission: Permission) -> None:
    """Draw the chapters, with what is known of a target by those that this visitor may see."""
    if not place:
        _draw_chapters(shape.shape_promises((), "Nothing is shown of this target."))
        return
    seen = open_board().find(place.name)
    if not PAGE.draw_state(place, permission, known="questions" in seen.times, hint=HINT):
        return
    record = read_recorded(home_folder())
    chapters = judge_chapters(seen.standing, seen.questions, seen.anchors, record) if seen.times else ()
    found = seen.standing.findings if seen.times and seen.standing else ()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("### State of the promises", width="stretch")
        if chapters:
            draw_export(MEMORY, "chapters", CHAPTER_FORMS, Chapters(place.name, chapters, max(seen.times.values())))
    _draw_chapters(shape.shape_promises(chapters, _explain_none(place)), found)


def _explain_none(place: Place) -> str:
    """Say why there is no result."""
    if place.fault:
        return "No database is available."
    return "The check gave no result." if PAGE.runs.find(place.name) else "The check has not run on this target yet."


def _draw_chapters(promises: tuple[Promise, ...], found: Sequence[Finding] = ()) -> None:
    """Draw the counts, where to begin, what blocks a launch in the order of harm, and what holds, folded."""
    state, target = str(MEMORY["state"]), str(MEMORY["target"])
    _draw_counts(promises)
    if state == "all" and (begin := shape.find_first_step(promises, found)):
        _draw_beginning(*begin, target)
    shown = [one for one in shape.sort_by_harm(promises, found) if state in ("all", one.found.state)]
    if not shown:
        st.markdown(f"No chapter is {state} now.")
    holding = [promise for promise in shown if promise.found.state is State.HOLDS]
    for promise in (promise for promise in shown if promise not in holding):
        _draw_chapter(promise, target)
    if holding:
        with st.expander(f"{len(holding)} hold", icon=":material/check_circle:", expanded=state != "all"):
            st.markdown("\n".join(map(shape.write_holding, holding)))
    if shown:
        with st.expander("All proofs as a table, with export", icon=":material/table_rows:", type="compact"):
            proofs = sorted(shown, key=lambda promise: promise.chapter.number)
            draw_table(MEMORY, "All proofs", shape.frame_proofs(proofs), empty="No proof.")


def _draw_beginning(promise: Promise, finding: Finding | None, target: str) -> None:
    """Draw the one next step."""
    query = {"target": target, "chapter": str(promise.chapter.number)}
    label = f"Begin with chapter {promise.chapter.number}"
    if finding:
        query, label = {"target": target, "finding": finding.key}, f"Begin here: {finding.heading}"
    st.page_link(READINESS.file, label=label, icon=":material/flag:", query_params=query)


def _draw_chapter(promise: Promise, target: str) -> None:
    with st.container(border=True, gap="small"):
        st.markdown(shape.write_promise(promise))
        if shape.has_findings(promise.found):
            query = {"target": target, "chapter": str(promise.chapter.number)}
            label = f"Findings and repairs of chapter {promise.chapter.number}"
            st.page_link(READINESS.file, label=label, icon=":material/build:", query_params=query)
        with st.expander("Proofs, rules and tables", type="compact"):
            st.markdown(shape.write_details(promise))


def _draw_counts(promises: tuple[Promise, ...]) -> None:
    grid = st.grid(3, min_column_width=110, border=True)
    for state, count in shape.count_states(promises).items():
        icon, colour = look(state)
        grid.cell().metric(f":{colour}[:material/{icon}:] {state.capitalize()}", count)
