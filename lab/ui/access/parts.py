"""The access page's parts: inputs, the trying, the matrix."""

from collections.abc import Sequence

import streamlit as st

from lab.checks.probes import PHASES, MatrixRow, ProbeReport, Sentence, list_sentences, matrix_rows, probe_database
from lab.checks.schema.severity import find_table
from lab.readiness.permission import Permission
from lab.readiness.targets import EMBEDDED
from lab.ui.access.matrix import (
    IDENTITY_TITLES,
    frame_sentences,
    judge_report,
    write_identity,
    write_legend,
    write_matrix,
    write_verdict,
)
from lab.ui.kit.background import Board, Run
from lab.ui.kit.markdown import plain
from lab.ui.kit.targets import ask_permission, draw_closed, find_picked, name_target
from lab.ui.kit.unchecked import frame_unknown
from lab.ui.kit.url import Field
from lab.ui.navigation import ACCESS, READINESS

EVERYBODY = "everybody"
WHO = (EVERYBODY, *IDENTITY_TITLES)
KINDS = ("table", "function")
MEMORY = ACCESS.memory


@st.cache_resource(show_spinner=False)
def open_probe_board() -> Board[ProbeReport]:
    """Open the board of this server's probes."""
    return Board()


def make_fields(targets: Sequence[str]) -> tuple[Field, ...]:
    """Return what of the page stands in its address."""
    return (
        Field(name="who", kind="identity", options=WHO, default=EVERYBODY),
        Field(name="target", kind="target", options=tuple(targets), default=EMBEDDED, leads=True),
        Field(name="kind", kind="kind", options=KINDS, default=KINDS[0]),
    )


def draw_inputs(targets: Sequence[str], permission: Permission) -> str:
    """Draw what is shown, and on which target it is tried; return the target's name."""
    st.selectbox("Who", WHO, format_func=lambda id: IDENTITY_TITLES.get(id, "Everybody"), key=MEMORY.key("who"))
    st.pills("What", KINDS, format_func=lambda id: f"{id.capitalize()}s", key=MEMORY.key("kind"), required=True)
    target = str(st.selectbox("Target", targets, format_func=name_target, key=MEMORY.key("target")))
    draw_closed(MEMORY, permission)
    st.button(
        "Try it", icon=":material/play_arrow:", type="primary", width="stretch", on_click=start_probes,
        help="Acts as each of them with made-up rows, in one transaction that is always rolled back.",
    )  # fmt: skip
    return target


def start_probes() -> None:
    """Start the probes, if this visitor may; for callbacks."""
    if place := find_picked(MEMORY, ask_permission()):
        MEMORY.forgive_address()
        open_probe_board().start(make_probing(place.name, place.url))


def make_probing(target: str, url: str) -> Run[ProbeReport]:
    """Return the probing of a target that can be started."""

    def work(run: Run[ProbeReport]) -> ProbeReport:
        return probe_database(url, lambda phase: _begin(run, phase))

    return Run(target, [(phase, _capitalize(phase)) for phase in PHASES], work)


def _begin(run: Run[ProbeReport], phase: str) -> None:
    for before in PHASES[: PHASES.index(phase)]:
        run.end(before)
    run.begin(phase)


def _capitalize(words: str) -> str:
    return words[0].upper() + words[1:]


def draw_matrix(report: ProbeReport | None, target: str, who: str, kind: str) -> None:
    """Draw the verdict, the promises and the matrix: of everybody as a whole, of one by command and by owner.

    Args:
        report: What was seen; none while nobody has tried.
        target: The database that was chosen, whose findings the verdict leads to.
        who: Whose matrix: an identity, or everybody.
        kind: Tables or functions.
    """
    everything, sentences = matrix_rows(report), list_sentences(report)
    if report:
        _draw_verdict(target, report, sentences, everything)
    st.markdown(f"### What was promised\n\n{frame_sentences(sentences).markdown()}")
    st.markdown("### Who reaches what")
    rows, identity = tuple(row for row in everything if row.kind == kind), "" if who == EVERYBODY else who
    st.html(write_legend(rows, identity))
    seen = "expected, and what was seen" if report else "expected by the rules; nobody has tried it yet"
    if identity:
        heading = f"{IDENTITY_TITLES[identity]}, by command and by whose rows they are: {seen}."
        st.html(write_identity(rows, identity, heading))
    else:
        st.html(
            write_matrix(
                rows, f"What each of them reaches of every {kind}: {seen}. A guest is signed in without an account."
            )
        )
    _draw_rest(report)


def _draw_verdict(target: str, report: ProbeReport, sentences: Sequence[Sentence], rows: Sequence[MatrixRow]) -> None:
    face = judge_report(report)
    key = {"holds": "ready", "broken": "not"}.get(face.word, "unknown")
    with st.container(border=True, key=f"verdict_{key}_access", gap="small"):
        st.markdown(write_verdict(report, sentences, rows))
        if face.word == "broken":
            asked = {"target": target, "probe": "on", **_name_table(report)}
            st.page_link(READINESS.file, label="Findings and repairs", icon=":material/build:", query_params=asked)


def _name_table(report: ProbeReport) -> dict[str, str]:
    """Return the filter for the findings of the one table that all are about; none when there are more."""
    first, *others = {table.id if table else "" for table in (find_table(f.subject) for f in report.findings)} or {""}
    return {"about": first} if first and not others else {}


def _draw_rest(report: ProbeReport | None) -> None:
    if report is None:
        return
    if report.unknown:
        st.markdown(f"### Not tried\n\n{frame_unknown(report.unknown).markdown()}")
    for note in report.notes:
        st.caption(plain(note))
