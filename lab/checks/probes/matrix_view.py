"""Shows the access matrix as a table: what each identity may do by the rules, and what the probes saw instead."""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from lab.access.matrix import COMMANDS, IDENTITIES, REFUSED, VIEWS, Cell, Identity, find_cell, find_public_function
from lab.access.row_owners import ALL, NONE, Owner
from lab.checks.probes.report import ProbeResult, ProbeRun
from lab.rules import RULES
from lab.rules.model import Function, Table, View
from lab.rules.promises import access, question_stays_private
from lab.rules.roles import anon

MARKS = {"holds": "", "differs": "!", "unknown": "?", "": ""}
Extent = Literal["none", "part", "own", "every"]
State = Literal["holds", "differs", "unknown", ""]
_LINK_TRIED = "share_card_shows_safe_fields"


class Part(BaseModel):
    """One command with the rows of one owner."""

    model_config = ConfigDict(frozen=True)

    command: str
    owner: Owner | Literal[""] = Field(description="Whose rows; empty if owners make no difference.")
    word: str = Field(description="What the rules expect: yes, no, or which rows.")
    state: State
    seen: str = Field(default="", description="Whether what was seen was expected.")


class MatrixCell(BaseModel):
    """What one identity can reach, in a few words."""

    model_config = ConfigDict(frozen=True)

    identity: str
    word: str = Field(description="What the rules expect.")
    extent: Extent = Field(default="none", description="How much of the object that is.")
    why: str
    state: State = Field(description="Empty when it was not tried.")
    seen: tuple[str, ...] = Field(default=(), description="Each difference that was seen, or reason why it is unknown.")
    parts: tuple[Part, ...] = ()


class MatrixRow(BaseModel):
    """A table or function, and what each identity can reach of it."""

    model_config = ConfigDict(frozen=True)

    kind: str
    object: str
    title: str
    cells: tuple[MatrixCell, ...]
    broken: tuple[str, ...] = Field(default=(), description="Promises about it that did not hold for some identity.")

    @property
    def differs(self) -> bool:
        """Tell whether anything about it differs from the rules."""
        return bool(self.broken) or any(cell.state == "differs" for cell in self.cells)


def matrix_columns() -> tuple[tuple[str, str], ...]:
    """Return the columns: id and title of each identity."""
    return tuple((identity.id, identity.title) for identity in IDENTITIES)


def matrix_rows(report: ProbeRun | None = None) -> tuple[MatrixRow, ...]:
    """Return the matrix: tables first, with the operator's views in them, then functions that an identity may call.

    Args:
        report: The results of the probes; without them, only what the rules expect.
    """
    seen = report.results if report else ()
    return (*_table_rows(seen), *_function_rows(seen))


def _table_rows(seen: Sequence[ProbeResult]) -> Iterator[MatrixRow]:
    for table in RULES.tables:
        cells = tuple(_table_cell(identity, table, seen) for identity in IDENTITIES)
        broken = _broken(seen, table.qualified)
        yield MatrixRow(kind="table", object=table.qualified, title=table.title, cells=cells, broken=broken)


def _function_rows(seen: Sequence[ProbeResult]) -> Iterator[MatrixRow]:
    for function in RULES.functions:
        if function.execute:
            cells = tuple(_function_cell(identity, function, seen) for identity in IDENTITIES)
            broken = _broken(seen, function.signature)
            yield MatrixRow(kind="function", object=function.signature, title=function.why, cells=cells, broken=broken)


def _broken(seen: Sequence[ProbeResult], subject: str) -> tuple[str, ...]:
    found = [r.title for r in seen if r.subject == subject and r.id != access.id and r.state == "differs"]
    return tuple(dict.fromkeys(found))


def _about(identity: Identity, seen: Sequence[ProbeResult], places: Sequence[str]) -> list[ProbeResult]:
    """Return the results of an identity for some objects: its own trials, and those of its role as a whole.

    Of its trials of promises, only the failed ones belong to the cell, because one that holds proves too little.
    """
    there = [result for result in seen if result.subject in places]
    own = [r for r in there if r.identity == identity.id and (r.id == access.id or r.state != "holds")]
    role = {one.id for one in IDENTITIES if one.role is identity.role and one is not identity}
    return [*own, *(r for r in there if r.identity in role and r.id == access.id and not r.owner)]


# Tables -----------------------------------------------------------------------------------------------


def _table_cell(identity: Identity, table: Table, seen: Sequence[ProbeResult]) -> MatrixCell:
    view = next((v for v in VIEWS if v.role is identity.role and _shows(v.body, table)), None)
    cells = {command.value: find_cell(identity.id, table.qualified, command.value) for command in COMMANDS}
    reached = [cell for cell in cells.values() if any(share != NONE for share in cell.shares.values())]
    by_link = find_public_function(table) if identity.role is anon and not reached else None
    results = _about(identity, seen, [table.qualified, *([view.qualified] if view else [])])
    opened = [r for r in seen if by_link and r.subject == by_link.signature and r.identity == identity.id]
    state, told = _judge([*results, *opened])
    if by_link and state == "holds" and not any(r.id == _LINK_TRIED for r in opened):
        state, told = "unknown", ("its link was not tried",)
    if state == "holds" and not _tried_rows(cells, view, results):
        state, told = "unknown", ("only privileges were tried, as there was no made-up row",)
    word, extent, why = _describe(cells, reached, view, by_link)
    return MatrixCell(
        identity=identity.id,
        word=word,
        extent=extent,
        why=why,
        state=state,
        seen=told,
        parts=tuple(_parts(cells, view, by_link, [*results, *opened])),
    )


def _tried_rows(cells: dict[str, Cell], view: View | None, results: Sequence[ProbeResult]) -> bool:
    """Tell whether every granted command was tried on rows; a refused privilege needs none."""
    tried = {(result.command, result.owner) for result in results}
    granted = [cell for cell in cells.values() if cell.outcome != REFUSED]
    looked = view is None or any(r.subject == view.qualified and r.command == "select" for r in results)
    return looked and all((cell.command, owner) in tried for cell in granted for owner in cell.shares)


def _judge(results: Sequence[ProbeResult]) -> tuple[State, tuple[str, ...]]:
    """Return the state of all results: a difference decides, then a trial that could not run."""
    wrong = [r for r in results if r.state == "differs"] or [r for r in results if r.state == "unknown"]
    if wrong:
        return wrong[0].state, tuple(dict.fromkeys(_describe_result(result) for result in wrong))
    return ("holds" if results else ""), ()


def _describe_result(result: ProbeResult) -> str:
    if result.id == access.id:
        return result.seen
    return f"{'breaks a promise' if result.state == 'differs' else result.command}: {result.seen}"


def _shows(body: str, table: Table) -> bool:
    """Tell whether a view shows a table's fields; a table that it only reads for a condition is inside brackets."""
    return table.qualified in re.findall(r"^ +(?:from|join) (\S+)", body, flags=re.MULTILINE)


def _describe(
    cells: dict[str, Cell], reached: list[Cell], view: View | None, by_link: Function | None
) -> tuple[str, Extent, str]:
    """Describe what is reached: `own rows, may add`, `every row, may add and change`, `open runs only`."""
    read = cells["select"]
    if view and not reached:
        shown = find_cell(read.identity, view.qualified, "select")
        return shown.word, "part", shown.why
    if by_link:
        return "public fields, by link", "part", by_link.why
    if not reached:
        return "nothing", "none", read.why
    reads = read.word if read in reached else "nothing to read"
    writes = {"insert": "add", "update": "change", "delete": "delete"}
    done = [writes[cell.command] for cell in reached if cell.command in writes]
    may = f", may {' and '.join(done)}" if done else ""
    return f"{reads}{may}", _measure(read), " ".join(dict.fromkeys(cell.why for cell in reached))


def _measure(cell: Cell) -> Extent:
    reached = {owner for owner, share in cell.shares.items() if share != NONE}
    if reached and all(share == ALL for share in cell.shares.values()):
        return "every"
    return "own" if reached == {"own"} else "part" if reached else "none"


def _parts(
    cells: dict[str, Cell], view: View | None, by_link: Function | None, results: Sequence[ProbeResult]
) -> Iterator[Part]:
    """Yield each command with each owner's rows; results for the whole table are added to their command."""
    for command, cell in cells.items():
        whole = [r for r in results if not r.owner and _command_of(r) == command]
        for owner, share in cell.shares.items():
            tried = [r for r in results if r.owner == owner and r.command == command]
            state, told = _judge([*tried, *whole])
            if state == "holds" and not tried and cell.outcome != REFUSED:
                state = ""
            word = {"all": "yes", "none": "no"}.get(share.extent, cell.word.removeprefix("own rows, "))
            seen = "; ".join(told) or " ".join(r.seen for r in tried)
            yield Part(command=command, owner=owner, word=word, state=state, seen=seen)
        if command == "select" and (view or by_link):
            through = view.qualified if view else by_link.signature if by_link else ""
            shown = [r for r in results if r.subject == through]
            state, told = _judge(shown)
            word = find_cell(cell.identity, through, "select").word if view else "public fields, by link"
            seen = "; ".join(told) or (shown[0].seen if shown else "")
            yield Part(command=command, owner="", word=word, state=state, seen=seen)


def _command_of(result: ProbeResult) -> str:
    """Return the command of a result for a whole table; the result of a promise has none."""
    if result.id == question_stays_private.id:
        return "select"
    if result.id != access.id:
        return ""
    return "delete" if result.command == "truncate" else result.command


# Functions --------------------------------------------------------------------------------------------


def _function_cell(identity: Identity, function: Function, seen: Sequence[ProbeResult]) -> MatrixCell:
    cell = find_cell(identity.id, function.signature, "execute")
    state, told = _judge(_about(identity, seen, [function.signature]))
    may = cell.outcome == "runs"
    part = Part(command="execute", owner="", word=cell.word, state=state, seen="; ".join(told))
    return MatrixCell(
        identity=identity.id,
        word=cell.word,
        extent="every" if may else "none",
        why=cell.why,
        state=state,
        seen=told,
        parts=(part,),
    )


# Text -------------------------------------------------------------------------------------------------


def matrix_text(report: ProbeRun | None = None) -> str:
    """Return the matrix as plain text: `!` marks differences, `?` trials that could not run."""
    heads = ["", *(title for _, title in matrix_columns())]
    lines = [[_short(row.object), *(f"{MARKS[c.state]}{c.word}" for c in row.cells)] for row in matrix_rows(report)]
    widths = [max(len(line[place]) for line in [heads, *lines]) for place in range(len(heads))]
    return "\n".join("  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)).rstrip()
                     for line in [heads, *lines])  # fmt: skip


def _short(name: str) -> str:
    return name.split("(")[0].removeprefix("public.")
