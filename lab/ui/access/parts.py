"""The access page's parts: inputs, the probes, the promises, the matrix."""

from collections.abc import Sequence
from datetime import UTC, datetime

import streamlit as st

from lab.checks.probes import (
    PHASES,
    MatrixRow,
    ProbeRun,
    PromiseResult,
    list_promise_results,
    matrix_rows,
    probe_database,
)
from lab.checks.schema.check import check_database
from lab.checks.schema.severity import find_table
from lab.checks.state import State
from lab.readiness.chapters import STEPS
from lab.readiness.permission import Permission
from lab.readiness.reports.access import ACCESS_FORMS, Access, judge_access
from lab.readiness.results import Results
from lab.ui.access import matrix
from lab.ui.access.matrix import IDENTITY_TITLES
from lab.ui.kit.background import Run
from lab.ui.kit.markdown import plain
from lab.ui.kit.parts import draw_export
from lab.ui.kit.reports import open_board
from lab.ui.kit.tables import draw_table, frame_unknown
from lab.ui.kit.targets import Place
from lab.ui.kit.url import Field
from lab.ui.navigation import ACCESS, READINESS
from lab.ui.target_page import TargetPage

EVERYBODY = "everybody"
WHO = (EVERYBODY, *IDENTITY_TITLES)
KINDS = ("table", "function")
MEMORY = ACCESS.memory
HINT = "Not run on this target yet. Run the probes: every change is rolled back."


def make_probing(place: Place, _: Permission) -> Run[None]:
    """Return the probing of a target that can be started; it also compares the schema, which the probes rest on."""
    began, board = datetime.now(UTC), open_board()

    def work(run: Run[None]) -> None:
        with run.step("wall"):
            wall = check_database(place.url, target=place.name)
        probes = probe_database(place.url, lambda phase: _begin(run, phase))
        run.seal()
        board.keep(place.name, began, {"wall": wall, "probes": probes})

    return Run(place.name, [STEPS[0], *((phase, phase[0].upper() + phase[1:]) for phase in PHASES)], work)


def _begin(run: Run[None], phase: str) -> None:
    for before in PHASES[: PHASES.index(phase)]:
        run.end(before)
    run.begin(phase)


FIELDS = (
    Field(name="who", kind="identity", options=WHO, default=EVERYBODY),
    Field(name="kind", kind="kind", options=KINDS, default=KINDS[0]),
)
HELP = "Acts as each role with made-up rows, in one transaction that is always rolled back."
PAGE = TargetPage(ACCESS, make_probing, "Run the probes", FIELDS, HELP)


def draw_filters() -> None:
    """Draw the choice of an identity, and of tables or functions."""
    st.selectbox("Who", WHO, format_func=lambda id: IDENTITY_TITLES.get(id, "Everybody"), key=MEMORY.key("who"))
    st.pills("What", KINDS, format_func=lambda id: f"{id.capitalize()}s", key=MEMORY.key("kind"), required=True)


@st.cache_resource(show_spinner=False, max_entries=8, hash_funcs={ProbeRun: id})
def read_matrix(report: ProbeRun | None) -> tuple[tuple[MatrixRow, ...], tuple[PromiseResult, ...], ProbeRun | None]:
    """Return the matrix and the promises of a report; it is kept with them, so that no other one has its id."""
    return matrix_rows(report), tuple(list_promise_results(report)), report


def draw_access(place: Place | None, permission: Permission) -> None:
    """Draw the verdict, the promises and the matrix: of everybody as a whole, of one by command and by owner."""
    results = Results()
    if place:
        held = open_board().find(place.name)
        if PAGE.draw_state(place, permission, known="probes" in held.times, hint=HINT, at_once=False):
            results = held
        if not (place.url or place.fault):
            return  # the matrix would move when the database has started
    found = matrix.find_access(results, str(MEMORY["target"]))
    everything, sentences, _ = read_matrix(found.probes)
    if found.probes or results.outdated or found.differences:
        _draw_verdict(found, outdated=results.outdated)
    _draw_promises(sentences, found)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.markdown("### Who reaches what", width="stretch")
        draw_export(MEMORY, "access", ACCESS_FORMS, found)
    _draw_matrix(everything, "expected, and what was seen" if found.probes else "expected by the rules; not run yet")
    if found.probes and found.probes.unknown:
        draw_table(MEMORY, "Not checked", frame_unknown(found.probes.unknown), empty="")
    for note in found.probes.notes if found.probes else ():
        st.caption(plain(note))


def _draw_matrix(everything: Sequence[MatrixRow], seen: str) -> None:
    """Draw what the signs mean, and the matrix of everybody or of one identity."""
    who, kind = str(MEMORY["who"]), str(MEMORY["kind"])
    rows, identity = tuple(row for row in everything if row.kind == kind), "" if who == EVERYBODY else who
    st.html(matrix.write_legend(rows, identity))
    if identity:
        st.html(matrix.write_identity(rows, identity, f"{IDENTITY_TITLES[identity]}, by command and by owner: {seen}."))
        return
    with st.container(key="narrow-cells"):
        whole = st.toggle("Show every cell", key=MEMORY.key("cells"))
    heading = f"What each role reaches of every {kind}: {seen}. A guest is signed in without an account."
    st.html(matrix.write_matrix(rows, heading, whole=whole))


def _draw_promises(sentences: Sequence[PromiseResult], found: Access) -> None:
    """Draw the promises with their evidence: what is broken or unknown first, the others folded."""
    urgent, others = matrix.split_sentences(sentences)
    if urgent:
        draw_table(MEMORY, "Promises that are broken or unknown", matrix.frame_sentences(urgent, found), empty="")
    held = sum(one.state == "held" for one in others)
    label = f"{held} promises hold" if held else f"{len(others)} promises, not run"
    if others:
        with st.expander(label, icon=":material/check_circle:" if held else ":material/remove:", type="compact"):
            draw_table(MEMORY, "Promises", matrix.frame_sentences(others, found), empty="")


def _draw_verdict(found: Access, *, outdated: bool) -> None:
    key = {State.HOLDS: "ready", State.BROKEN: "not"}.get(state := judge_access(found), "unknown")
    with st.container(border=True, key=f"verdict_{key}_access", gap="small"):
        st.markdown(matrix.write_verdict(found, outdated=outdated))
        if state is State.BROKEN:
            query = {"target": found.target}
            if found.probes and found.probes.findings:
                query |= {"probe": "on", **_name_table(found.probes)}
            st.page_link(READINESS.file, label="Findings and repairs", icon=":material/build:", query_params=query)


def _name_table(report: ProbeRun) -> dict[str, str]:
    """Return the filter for the findings of the one table that all are about; none when there are more."""
    first, *others = {table.id if table else "" for table in (find_table(f.subject) for f in report.findings)} or {""}
    return {"about": first} if first and not others else {}
