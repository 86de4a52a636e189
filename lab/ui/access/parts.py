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
from lab.readiness.chapters import STEPS
from lab.readiness.permission import Permission
from lab.readiness.reports.access import ACCESS_FORMS, Access
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


def make_probing(place: Place) -> Run[None]:
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
    """Draw the verdict, the promises and the matrix: of everybody as a whole, of one by command and by owner.

    The probes count only while the schema is as it was when they ran.
    """
    results = Results()
    if place:
        held = open_board().find(place.name)
        if PAGE.draw_state(place, permission, known="probes" in held.times, hint=HINT, at_once=False):
            results = held
    target, report = str(MEMORY["target"]), results.tried
    everything, sentences, _ = read_matrix(report)
    if report or results.outdated or matrix.count_differences(results):
        _draw_verdict(target, results, sentences, everything)
    _draw_promises(sentences, results, target)
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.markdown("### Who reaches what", width="stretch")
        read_at = results.times["probes"] if report else None
        draw_export(MEMORY, "access", ACCESS_FORMS, Access(target, report, matrix.count_differences(results), read_at))
    who, kind = str(MEMORY["who"]), str(MEMORY["kind"])
    rows, identity = tuple(row for row in everything if row.kind == kind), "" if who == EVERYBODY else who
    st.html(matrix.write_legend(rows, identity))
    seen = "expected, and what was seen" if report else "expected by the rules; not run yet"
    if identity:
        st.html(matrix.write_identity(rows, identity, f"{IDENTITY_TITLES[identity]}, by command and by owner: {seen}."))
    else:
        guest = "A guest is signed in without an account."
        with st.container(key="narrow-cells"):
            st.toggle("Show every cell", key=MEMORY.key("cells"))
        whole = bool(MEMORY.get("cells"))
        st.html(matrix.write_matrix(rows, f"What each role reaches of every {kind}: {seen}. {guest}", whole=whole))
    if report and report.unknown:
        draw_table(MEMORY, "Not checked", frame_unknown(report.unknown), empty="")
    for note in report.notes if report else ():
        st.caption(plain(note))


def _draw_promises(sentences: Sequence[PromiseResult], results: Results, target: str) -> None:
    """Draw the promises with their evidence: what is broken or unknown first, the others folded."""
    urgent, others = matrix.split_sentences(sentences)
    at = f"{results.times['probes']:%Y-%m-%d %H:%M:%S}" if results.tried else ""
    if urgent:
        name = "Promises that are broken or unknown"
        draw_table(MEMORY, name, matrix.frame_sentences(urgent, target, at), empty="")
    held = sum(one.state == "held" for one in others)
    label = f"{held} promises hold" if held else f"{len(others)} promises, not run"
    if others:
        with st.expander(label, icon=":material/check_circle:" if held else ":material/remove:", type="compact"):
            draw_table(MEMORY, "Promises", matrix.frame_sentences(others, target, at), empty="")


def _draw_verdict(target: str, results: Results, sentences: Sequence[PromiseResult], rows: Sequence[MatrixRow]) -> None:
    word, report = matrix.judge_results(results), results.tried
    key = {"holds": "ready", "broken": "not"}.get(word, "unknown")
    with st.container(border=True, key=f"verdict_{key}_access", gap="small"):
        st.markdown(matrix.write_verdict(results, sentences, rows))
        if word == "broken":
            query = {"target": target, **({"probe": "on", **_name_table(report)} if report and report.findings else {})}
            st.page_link(READINESS.file, label="Findings and repairs", icon=":material/build:", query_params=query)


def _name_table(report: ProbeRun) -> dict[str, str]:
    """Return the filter for the findings of the one table that all are about; none when there are more."""
    first, *others = {table.id if table else "" for table in (find_table(f.subject) for f in report.findings)} or {""}
    return {"about": first} if first and not others else {}
