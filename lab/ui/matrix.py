"""The access matrix shaped for people: expected beside seen. Pure."""

from collections.abc import Sequence
from html import escape

from lab.probes.table import MatrixCell, MatrixRow, matrix_columns
from lab.ui.findings import cell, plain
from lab.ui.frames import Frame
from lab.ui.verdicts import Face

CELL_FACES = {
    "holds": Face("as expected", "check_circle", "green"),
    "differs": Face("differs", "error", "red"),
    "unknown": Face("unknown", "help", "gray"),
    "": Face("not tried", "remove", "gray"),
}
IDENTITY_TITLES = dict(matrix_columns())


def count_cells(rows: Sequence[MatrixRow]) -> dict[str, int]:
    """Count the cells by state."""
    return {state: sum(cell.state == state for row in rows for cell in row.cells) for state in CELL_FACES}


def write_matrix(rows: Sequence[MatrixRow], heading: str) -> str:
    """Write the matrix as an HTML table, whose cells name their column again for narrow screens."""
    heads = "".join(f'<th scope="col">{escape(title)}</th>' for title in ("", *IDENTITY_TITLES.values()))
    body = "".join(_write_row(row) for row in rows)
    return (
        f'<table class="lab-matrix"><caption>{escape(heading)}</caption>'
        f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
    )


def _write_row(row: MatrixRow) -> str:
    cells = "".join(_write_cell(cell) for cell in row.cells)
    return f'<tr><th scope="row"><code>{escape(shorten(row.object))}</code></th>{cells}</tr>'


def _write_cell(cell: MatrixCell) -> str:
    who, state = IDENTITY_TITLES[cell.identity], cell.state or "untried"
    seen = f"<strong>seen: {escape(cell.seen)}</strong>" if cell.seen else ""
    told = {"holds": "<small>as expected</small>", "unknown": "<small>unknown</small>"}.get(state, "")
    return f'<td class="{state}"><span class="who">{escape(who)}: </span>{escape(cell.word)}{seen}{told}</td>'


def shorten(name: str) -> str:
    """Return a table's or function's name without its schema and arguments."""
    return name.partition("(")[0].removeprefix("public.")


def frame_identity(rows: Sequence[MatrixRow], identity: str) -> Frame:
    """Shape what one identity reaches: expected beside seen, with the reason."""
    mine = [(row, one) for row in rows for one in row.cells if one.identity == identity]
    lines = tuple(
        (
            cell(shorten(row.object)),
            plain(one.word),
            f"{CELL_FACES[one.state].chip()} {plain(one.seen)}",
            plain(one.why),
        )
        for row, one in mine
    )
    return Frame(("Table or function", "Expected", "Seen", "Why"), lines, "Nothing is there to reach.")
