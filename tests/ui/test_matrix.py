"""The access matrix shaped for people."""

from lab.probes.table import MatrixCell, MatrixRow, matrix_columns, matrix_rows
from lab.rules import RULES
from lab.ui.matrix import CELL_FACES, count_cells, frame_identity, shorten, write_matrix

ROWS = matrix_rows()
VISITOR = matrix_columns()[0][0]
HOSTILE = MatrixRow(
    kind="table",
    object="public.<script>",
    title="",
    cells=(MatrixCell(identity=VISITOR, word="nothing", why="a|b", state="differs", seen="<img src=x>"),),
)


def test_the_matrix_names_every_table_and_everybody_in_each_cell() -> None:
    text = write_matrix(ROWS, "Everything")
    assert all(f"<code>{table.id}</code>" in text for table in RULES.tables)
    for _, title in matrix_columns():
        assert text.count(f"{title}: </span>") == len(ROWS)


def test_what_a_database_says_is_no_markup() -> None:
    text = write_matrix((HOSTILE,), "One")
    assert "<script>" not in text
    assert "<img" not in text
    assert "seen: &lt;img" in text
    row = frame_identity((HOSTILE,), VISITOR).rows[0]
    assert "differs" in row[2]
    assert row[3] == "a\\|b"


def test_what_nobody_tried_is_not_said_to_hold() -> None:
    counts = count_cells(ROWS)
    assert set(counts) == set(CELL_FACES)
    assert counts["holds"] == counts["differs"] == 0
    assert "as expected" not in write_matrix(ROWS, "Everything")


def test_names_are_shown_without_schema_and_arguments() -> None:
    assert shorten("public.open_share_card(text)") == "open_share_card"
    assert shorten("ai.briefs") == "ai.briefs"
