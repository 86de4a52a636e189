"""Rewrites expressions over a table's columns for places where the row has a name."""

import re
from collections.abc import Iterator

# A text, a quoted name, a word, a cast or any other sign; quoted text holds no column.
_PIECE = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|[A-Za-z_][A-Za-z0-9_$]*|[0-9][A-Za-z0-9_.]*|::|.""", re.DOTALL)


def qualify_columns(expression: str, columns: frozenset[str], row: str) -> str:
    """Return an expression in which every bare column belongs to a row: `status` becomes `new.status`.

    Args:
        expression: A condition of one table; Postgres allows no subquery in a check, so a bare name is a column.
        columns: Names of the table's columns.
        row: The row's name: `new`, `old` or an alias.
    """
    return "".join(_qualify(_PIECE.findall(expression), columns, row))


def _qualify(pieces: list[str], columns: frozenset[str], row: str) -> Iterator[str]:
    before = ""
    for place, piece in enumerate(pieces):
        after = next((later for later in pieces[place + 1 :] if not later.isspace()), "")
        is_column = piece in columns and before not in (".", "::") and after not in ("(", ".")
        yield f"{row}.{piece}" if is_column else piece
        before = piece if not piece.isspace() else before
