"""The access page's parts: inputs, the trying, the matrix."""

from collections.abc import Sequence

import streamlit as st

from lab.probes import MatrixRow, ProbeReport, matrix_rows, probe_database
from lab.readiness.access import Permission
from lab.readiness.targets import EMBEDDED
from lab.ui.address import Field
from lab.ui.findings import frame_unknown, plain
from lab.ui.matrix import CELL_FACES, IDENTITY_TITLES, count_cells, frame_identity, write_matrix
from lab.ui.places import ask_permission, draw_closed, find_place, is_open, name_target
from lab.ui.runs import Board, Run

EVERYBODY = "everybody"
WHO = (EVERYBODY, *IDENTITY_TITLES)
KINDS = ("table", "function")
STEP = "probes"


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
    st.selectbox("Who", WHO, format_func=lambda id: IDENTITY_TITLES.get(id, "Everybody"), key="who")
    st.pills("What", KINDS, format_func=lambda id: f"{id.capitalize()}s", key="kind", required=True)
    target = str(st.selectbox("Target", targets, format_func=name_target, key="target"))
    draw_closed(permission)
    st.button(
        "Try it", icon=":material/play_arrow:", type="primary", width="stretch", on_click=start_probes,
        help="Acts as each of them with made-up rows, in one transaction that is always rolled back.",
    )  # fmt: skip
    return target


def start_probes() -> None:
    """Start the probes, if this visitor may; for callbacks."""
    target = str(st.session_state["target"])
    if not is_open(target, ask_permission()):
        return
    place = find_place(target)
    if place.url:
        open_probe_board().start(make_probing(place.name, place.url))


def make_probing(target: str, url: str) -> Run[ProbeReport]:
    """Return the probing of a target that can be started."""

    def work(run: Run[ProbeReport]) -> ProbeReport:
        run.begin(STEP)
        report = probe_database(url)
        run.end(STEP)
        return report

    return Run(target, [(STEP, "Acting as each of them with made-up rows, all of it rolled back.")], work)


def draw_matrix(report: ProbeReport | None, who: str, kind: str) -> None:
    """Draw the matrix: of everybody as a whole, of one with the reasons."""
    rows = tuple(row for row in matrix_rows(report) if row.kind == kind)
    _draw_counts(rows)
    if who == EVERYBODY:
        seen = "expected, and what was seen" if report else "expected by the rules; nobody has tried it yet"
        st.html(write_matrix(rows, f"What each of them reaches of every {kind}: {seen}."))
    else:
        st.markdown(frame_identity(rows, who).markdown())
    _draw_rest(report)


def _draw_counts(rows: Sequence[MatrixRow]) -> None:
    grid = st.grid(len(CELL_FACES), min_column_width=150, border=True)
    for state, count in count_cells(rows).items():
        face = CELL_FACES[state]
        grid.cell().metric(f":{face.colour}[:material/{face.icon}:] {face.word.capitalize()}", count)


def _draw_rest(report: ProbeReport | None) -> None:
    if report is None:
        return
    st.markdown(f"### Not tried\n\n{frame_unknown(report.unknown).markdown()}")
    st.caption(f"{report.attempts} statements were tried in {report.seconds:.1f} s, and all were rolled back.")
    for note in report.notes:
        st.caption(plain(note))
