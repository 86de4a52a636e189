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
from lab.readiness.targets import EMBEDDED
from lab.rehearsal.record import read_recorded
from lab.services.anchor import find_source
from lab.text.product_files import home_folder
from lab.ui.chapters import shape
from lab.ui.chapters.shape import STATES, Promise
from lab.ui.kit.background import Run, Runs
from lab.ui.kit.badges import look
from lab.ui.kit.parts import offer_forms
from lab.ui.kit.progress import draw_run_button, draw_state, start_first
from lab.ui.kit.reports import open_board
from lab.ui.kit.tables import draw_table
from lab.ui.kit.targets import (
    Place,
    check_permission,
    draw_target,
    draw_withheld,
    find_picked,
    find_place,
    shows_target,
)
from lab.ui.kit.url import Field
from lab.ui.navigation import CHAPTERS, READINESS

FILTERS = ("all", *STATES)
MEMORY = CHAPTERS.memory


@st.cache_resource(show_spinner=False)
def open_chapter_runs() -> Runs[None]:
    """Open this server's readings of the chapters."""
    return Runs()


def make_fields(targets: Sequence[str]) -> tuple[Field, ...]:
    """Return the choices that the page's address holds."""
    return (
        Field(name="state", kind="state", options=FILTERS, default="all"),
        Field(name="target", kind="target", options=tuple(targets), default=EMBEDDED),
    )


def draw_inputs(targets: tuple[str, ...], permission: Permission) -> tuple[str, str]:
    """Draw which chapters are shown, and of which target; return both."""
    state = st.pills("Show", FILTERS, format_func=str.capitalize, key=MEMORY.key("state"), required=True)
    target = draw_target(MEMORY, targets, permission)
    draw_run_button("Run the check", start_reading, target, permission, open_chapter_runs())
    return str(state), target


def start_reading() -> None:
    """Start the check of the target that is picked, if this visitor may; for callbacks."""
    if place := find_picked(MEMORY, check_permission()):
        MEMORY.forgive_address()
        open_chapter_runs().start(make_reading(place))


def make_reading(place: Place) -> Run[None]:
    """Return a reading of all chapters that can be started."""
    read_at, board = datetime.now(UTC), open_board()

    def work(run: Run[None]) -> None:
        anchors = find_source(os.environ, target=place.name)
        proofs = lab.readiness.chapters.read_proofs(place.url, anchors=anchors, watch=run.step)
        run.seal()
        board.keep(place.name, read_at, proofs._asdict())

    return Run(place.name, STEPS, work)


def draw_promises(state: str, target: str, permission: Permission) -> None:
    """Draw the chapters of a target, to whoever may see it.

    Args:
        state: Which chapters.
        target: The database that was chosen.
        permission: Of this visitor.
    """
    if not shows_target(MEMORY, target, permission):
        draw_withheld(MEMORY, permission)
        _draw_chapters(state, shape.shape_promises((), "Nothing is shown of this target."))
        return
    place, runs = find_place(target), open_chapter_runs()
    start_first(place, runs, lambda: make_reading(place))
    if not draw_state(place, runs, "questions", "Not run on this target yet. Run the check: it only reads."):
        return  # the chapters would move when the check has ended
    seen = open_board().find(place.name)
    known = bool(seen.times)
    chapters = (
        judge_chapters(seen.standing, seen.questions, seen.anchors, read_recorded(home_folder())) if known else ()
    )
    found = seen.standing.findings if known and seen.standing else ()
    if chapters:
        with st.popover("Export", icon=":material/download:", type="tertiary", key=MEMORY.key("export chapters")):
            report = Chapters(place.name, chapters, max(seen.times.values()))
            offer_forms(MEMORY, "chapters", CHAPTER_FORMS, report)
    _draw_chapters(state, shape.shape_promises(chapters, _explain_none(place, runs)), target, found)


def _explain_none(place: Place, runs: Runs[None]) -> str:
    """Say why there is no result."""
    run = runs.find(place.name)
    if place.fault:
        return "No database is available."
    return "The check gave no result." if run else "The check has not run on this target yet."


def _draw_chapters(state: str, promises: tuple[Promise, ...], target: str = "", found: Sequence[Finding] = ()) -> None:
    """Draw the counts, where to begin, what blocks a launch in the order of harm, and what holds, folded."""
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
