"""The access matrix as a table that people read: who reaches what, and where that is not what was seen."""

import re
from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict, Field

from lab.access import IDENTITIES, VIEWS, Cell, Identity, find_cell, public_door
from lab.probes.report import ProbeReport, ProbeResult
from lab.rules import RULES
from lab.rules.model import Table
from lab.rules.roles import anon, authenticated

MARKS = {"holds": "", "differs": "!", "unknown": "?", "": ""}


class MatrixCell(BaseModel):
    """What one identity reaches, in a few words."""

    model_config = ConfigDict(frozen=True)

    identity: str
    word: str = Field(description="What the rules expect.")
    why: str
    state: str = Field(description="holds, differs or unknown; empty when it was not tried.")
    seen: str = Field(default="", description="What was seen instead, when it differs.")


class MatrixRow(BaseModel):
    """A table or function, and what each identity reaches of it."""

    model_config = ConfigDict(frozen=True)

    kind: str
    object: str
    title: str
    cells: tuple[MatrixCell, ...]


def matrix_columns() -> tuple[tuple[str, str], ...]:
    """Return the columns: id and title of each identity."""
    return tuple((identity.id, identity.title) for identity in IDENTITIES)


def matrix_rows(report: ProbeReport | None = None) -> tuple[MatrixRow, ...]:
    """Return the matrix: tables first, with the operator's views in them, then the functions somebody may call.

    Args:
        report: What was seen; without one, only what the rules expect.
    """
    seen = _by_place(report.results if report else ())
    return (*_table_rows(seen), *_function_rows(seen))


Seen = dict[tuple[str, str], list[ProbeResult]]


def _by_place(results: Sequence[ProbeResult]) -> Seen:
    found: Seen = {}
    for result in results:
        found.setdefault((_role(result.identity), result.subject), []).append(result)
    return found


def _role(identity: str) -> str:
    return next((one.role.id for one in IDENTITIES if one.id == identity), identity)


def _table_rows(seen: Seen) -> Iterator[MatrixRow]:
    for table in RULES.tables:
        cells = tuple(_table_cell(identity, table, seen) for identity in IDENTITIES)
        yield MatrixRow(kind="table", object=table.qualified, title=table.title, cells=cells)


def _table_cell(identity: Identity, table: Table, seen: Seen) -> MatrixCell:
    reached = [cell for cell in _of_table(identity, table) if cell.outcome == "rows"]
    view = next((v for v in VIEWS if v.role is identity.role and _shows(v.body, table)), None)
    places = [table.qualified, *([view.qualified] if view else [])]
    results = [r for place in places for r in seen.get((identity.role.id, place), []) if r.id == "access"]
    mine = [r for r in results if identity.role is not authenticated or r.identity == identity.id or _is_privilege(r)]
    wrong = [r for r in mine if r.state == "differs"] or [r for r in mine if r.state == "unknown"]
    word, why = _word(identity, table, reached)
    if view and not reached:
        shown = find_cell(identity.id, view.qualified, "select")
        word, why = shown.word, shown.why
    return MatrixCell(
        identity=identity.id,
        word=word,
        why=why,
        state=wrong[0].state if wrong else "holds" if mine else "",
        seen="; ".join(result.seen for result in wrong),
    )


def _is_privilege(result: ProbeResult) -> bool:
    """Tell whether a result speaks of the role, and so of everybody who has it."""
    return not result.seen.endswith("made-up rows") and " of person " not in result.seen


def _shows(body: str, table: Table) -> bool:
    """Tell whether a view takes a table's fields; a table that it only asks stands inside brackets."""
    return table.qualified in re.findall(r"^ +(?:from|join) (\S+)", body, flags=re.MULTILINE)


def _of_table(identity: Identity, table: Table) -> list[Cell]:
    return [find_cell(identity.id, table.qualified, command) for command in ("select", "insert", "update", "delete")]


def _word(identity: Identity, table: Table, reached: list[Cell]) -> tuple[str, str]:
    """Join what is reached: `own rows, adds own`, `every row, adds, changes`, `open runs only`."""
    if not reached:
        door = public_door(table) if identity.role is anon else None
        return ("public fields, by link", door.why) if door else ("nothing", identity.role.description)
    reads = next((cell.word for cell in reached if cell.command == "select"), "nothing to read")
    writes = {"insert": "adds", "update": "changes", "delete": "deletes"}
    done = [writes[cell.command] for cell in reached if cell.command in writes]
    return ", ".join([reads, *done]), " ".join(dict.fromkeys(cell.why for cell in reached))


def _function_rows(seen: Seen) -> Iterator[MatrixRow]:
    for function in RULES.functions:
        if function.execute:
            cells = tuple(_function_cell(identity, function.signature, seen) for identity in IDENTITIES)
            yield MatrixRow(kind="function", object=function.signature, title=function.why, cells=cells)


def _function_cell(identity: Identity, signature: str, seen: Seen) -> MatrixCell:
    cell = find_cell(identity.id, signature, "execute")
    results = [r for r in seen.get((identity.role.id, signature), []) if r.id == "access"]
    wrong = [r for r in results if r.state != "holds"]
    state = wrong[0].state if wrong else "holds" if results else ""
    return MatrixCell(
        identity=identity.id, word=cell.word, why=cell.why, state=state, seen="; ".join(r.seen for r in wrong)
    )


def matrix_text(report: ProbeReport | None = None) -> str:
    """Return the matrix as plain text: `!` marks what was seen to differ, `?` what could not be tried."""
    heads = ["", *(title for _, title in matrix_columns())]
    lines = [[_short(row.object), *(f"{MARKS[c.state]}{c.word}" for c in row.cells)] for row in matrix_rows(report)]
    widths = [max(len(line[place]) for line in [heads, *lines]) for place in range(len(heads))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
                     for line in [heads, *lines])  # fmt: skip


def _short(name: str) -> str:
    return name.split("(")[0].removeprefix("public.")
