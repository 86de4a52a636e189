"""The access matrix and the product's promises shaped for people: expected beside seen. Pure.

The matrix is HTML: in Streamlit's grid it would have no row headings, no marks, and no cards on a phone.
"""

import re
from collections.abc import Sequence
from html import escape
from textwrap import shorten as cut

from lab.checks.probes import MatrixRow, PromiseResult
from lab.checks.probes.matrix_view import Extent, MatrixCell, Part, matrix_columns
from lab.readiness.reports.access import Access, explain_access, judge_access
from lab.readiness.results import Results
from lab.ui.kit.badges import headline
from lab.ui.kit.markdown import plain
from lab.ui.kit.tables import DataFrame, make_frame

CELL_WORDS = {"holds": "as expected", "differs": "differs", "unknown": "unknown", "": "not run"}
MARKS = {"holds": "", "differs": "\u00d7", "unknown": "?", "": "·"}  # what holds has a tick, which the style draws
EXTENTS: dict[Extent, str] = {
    "none": "nothing",
    "part": "some fields or rows",
    "own": "own rows",
    "every": "every row, or may call",
}
COMMAND_TITLES = {"select": "Read", "insert": "Add", "update": "Change", "delete": "Delete", "execute": "Call"}
OWNER_TITLES = {"own": "own", "others": "other people's", "nobodys": "without an owner", "": ""}
IDENTITY_TITLES = dict(matrix_columns())
SHORT = 60  # signs of what differs, in a cell of the matrix of everybody; that of one identity has room for all
LONG = 14  # signs of a name that may not fit into such a cell, and is then broken between its words
LONGEST = 1200  # characters of a reason
OUTDATED = "The schema has changed since the probes ran. Run the probes again."
_URGENT = {"broken": 0, "unknown": 1}  # states of a promise, the worst first


def find_access(results: Results, target: str) -> Access:
    """Return what is known of the access to a target; probes count while the schema is as it was when they ran."""
    differs = sum(one.weighs and one.family == "access" for one in results.wall.findings) if results.wall else 0
    return Access(target, results.tried, differs, results.times["probes"] if results.tried else None)


def write_verdict(found: Access, *, outdated: bool) -> str:
    """Write the verdict card: the word, the reason, and how much was tried."""
    reason = " ".join(filter(None, (explain_access(found), OUTDATED if outdated else "")))
    ran = (
        f"{found.probes.attempts:,} statements in {found.probes.seconds:.1f} s, all rolled back."
        if found.probes
        else ""
    )
    return f"{headline(judge_access(found).word)}\n{plain(reason, LONGEST)}\n\n:small[{plain(ran)}]"


def frame_sentences(sentences: Sequence[PromiseResult], found: Access) -> DataFrame:
    """Shape the promises with what was seen, the broken ones first, and where and when they were tried."""
    shown = sorted(sentences, key=lambda one: _URGENT.get(one.state, 2))
    evidence = (found.target, found.read_at) if found.read_at else ()
    rows = (([one.state.replace("not tried", "not run")], one.title, one.seen, *evidence) for one in shown)
    return make_frame(("State", "Promise", "What was seen", *(("Target", "Probed (UTC)") if evidence else ())), rows)


def split_sentences(
    sentences: Sequence[PromiseResult],
) -> tuple[tuple[PromiseResult, ...], tuple[PromiseResult, ...]]:
    """Return the promises that are broken or unknown, and the others."""
    urgent = tuple(one for one in sentences if one.state in _URGENT)
    return urgent, tuple(one for one in sentences if one.state not in _URGENT)


def count_cells(rows: Sequence[MatrixRow], identity: str = "") -> dict[str, int]:
    """Count the cells by state: of everybody, or of one identity."""
    cells = [cell for row in rows for cell in row.cells if identity in ("", cell.identity)]
    return {state: sum(cell.state == state for cell in cells) for state in CELL_WORDS}


def sort_rows(rows: Sequence[MatrixRow], identity: str = "") -> tuple[MatrixRow, ...]:
    """Put differences first, then unknowns; the rest keeps its order."""

    def urgency(row: MatrixRow) -> int:
        states = {cell.state for cell in row.cells if identity in ("", cell.identity)}
        differs = "differs" in states or (row.broken and not identity)
        return 0 if differs else 1 if "unknown" in states else 2

    return tuple(sorted(rows, key=urgency))


def write_legend(rows: Sequence[MatrixRow], identity: str = "") -> str:
    """Write what the signs mean, and how often each occurs."""
    counts = count_cells(rows, identity)
    states = "".join(
        f'<li class="{_state(state)}">{_mark(state)} {word} <b>{counts[state]}</b></li>'
        for state, word in CELL_WORDS.items()
    )
    extents = "".join(f'<li class="{extent}">{_ball(extent)} {words}</li>' for extent, words in EXTENTS.items())
    return f'<ul class="lab-legend" aria-label="What the signs mean">{states}{extents}</ul>'


def write_matrix(rows: Sequence[MatrixRow], heading: str, *, whole: bool = False) -> str:
    """Write the matrix as an HTML table, whose cells name their column again for narrow screens.

    Args:
        rows: What is shown.
        heading: The table's caption.
        whole: Whether a narrow screen also shows the cells of rows in which nothing differs.
    """
    body = "".join(_write_row(row, "".join(_write_cell(cell) for cell in row.cells)) for row in sort_rows(rows))
    return _table("everybody whole" if whole else "everybody", ("What", *IDENTITY_TITLES.values()), body, heading)


def _table(kind: str, heads: Sequence[str], body: str, heading: str) -> str:
    titles = "".join(f'<th scope="col">{escape(title)}</th>' for title in heads)
    return (
        f'<table class="lab-matrix {kind}"><caption>{escape(heading)}</caption>'
        f"<thead><tr>{titles}</tr></thead><tbody>{body}</tbody></table>"
    )


def _write_row(row: MatrixRow, cells: str, told: str = "") -> str:
    name, title = escape(shorten(row.object)), escape(row.title)
    head = f"<b>{title}</b> <code>{name}</code>" if row.kind == "table" else f"<code>{name}</code>"
    broken = "".join(f'<em class="broken">{_mark("differs")} broken: {escape(one)}</em>' for one in row.broken)
    urgent = row.broken or any(cell.state in ("differs", "unknown") for cell in row.cells)
    state = "urgent" if urgent else "calm"
    return f'<tr class="{state}"><th scope="row">{head}{told}{broken}{_write_rest(row)}</th>{cells}</tr>'


def _write_rest(row: MatrixRow) -> str:
    """Name the roles that reach nothing, as expected; a narrow screen shows this instead of a cell for each."""
    closed = [cell for cell in row.cells if cell.extent == "none" and cell.state in ("holds", "")]
    names = ", ".join(escape(IDENTITY_TITLES[cell.identity]) for cell in closed)
    tried = _mark("holds" if all(cell.state == "holds" for cell in closed) else "", hide=False)
    return f'<span class="rest">{_ball("none")} nothing: {names} {tried}</span>' if closed else ""


def _write_cell(cell: MatrixCell) -> str:
    who = f'<span class="who">{escape(IDENTITY_TITLES[cell.identity])}: </span>'
    told = f"{_ball(cell.extent)} {escape(cell.word)}&nbsp;{_mark(cell.state, hide=False)}"
    if cell.seen:
        told = (
            f"{_ball(cell.extent)} expected: {escape(cell.word)}{_write_wrong(cell.state, _abridge(cell.seen), LONG)}"
        )
    return f'<td class="{_state(cell.state)} {cell.extent}">{who}{told}</td>'


def _abridge(seen: Sequence[str]) -> str:
    """Return the first observation, shortened, and the number of others."""
    more = f", and {len(seen) - 1} more" if len(seen) > 1 else ""
    return f"{cut(seen[0], SHORT, placeholder=' …')}{more}"


def _write_wrong(state: str, seen: str, long: int = SHORT) -> str:
    """Write what was seen instead, or why nothing was; a long name may break between its words."""
    told = re.sub(rf"\w{{{long + 1},}}", lambda name: name[0].replace("_", "_<wbr>"), escape(seen))
    return f'<strong class="{_state(state)}">{_mark(state)} {CELL_WORDS[state]}: {told}</strong>'


def _state(state: str) -> str:
    return state or "untried"


def _ball(extent: Extent) -> str:
    return f'<i class="ball {extent}" aria-hidden="true"></i>'


def _mark(state: str, *, hide: bool = True) -> str:
    """Write the sign of a state, with its word for screen readers unless the word is next to it."""
    word = "" if hide else f'<span class="unseen">{CELL_WORDS[state]}</span>'
    return f'<span class="mark {_state(state)}" aria-hidden="true">{MARKS[state]}</span>{word}'


def shorten(name: str) -> str:
    """Return a table's or function's name without its schema and arguments."""
    return name.partition("(")[0].removeprefix("public.")


def write_identity(rows: Sequence[MatrixRow], identity: str, heading: str) -> str:
    """Write what one identity reaches: each command with own rows, other people's and ownerless ones, and why."""
    commands = list(dict.fromkeys(p.command for row in rows for cell in row.cells for p in cell.parts))
    body = "".join(_write_reach(row, identity, commands) for row in sort_rows(rows, identity))
    return _table("one", ("What", *(COMMAND_TITLES[command] for command in commands)), body, heading)


def _write_reach(row: MatrixRow, identity: str, commands: Sequence[str]) -> str:
    cell = next(cell for cell in row.cells if cell.identity == identity)
    cells = "".join(_write_command(command, [p for p in cell.parts if p.command == command]) for command in commands)
    seen = _write_wrong(cell.state, "; ".join(cell.seen)) if cell.seen else ""
    told = f'<span class="why">{escape(cell.why)}</span>' if cell.why != row.title else ""
    alone = row.model_copy(update={"broken": (), "cells": ()})
    return _write_row(alone, cells, f"{told}{seen}")


def _write_command(command: str, parts: Sequence[Part]) -> str:
    """Write a command's cell; owners with the same result share a line."""
    groups: dict[tuple[str, str, str], list[str]] = {}
    for part in parts:
        groups.setdefault((part.word, part.state, part.seen), []).append(OWNER_TITLES[part.owner])
    states = {part.state for part in parts}
    worst = next((state for state in ("differs", "unknown", "", "holds") if state in states), "")
    extent = _extent(parts)
    lines = "".join(_write_part(owners if len(groups) > 1 else [], *group) for group, owners in groups.items())
    who = f'<span class="who">{COMMAND_TITLES[command]}: </span>'
    return f'<td class="{_state(worst)} {extent}">{who}{lines}</td>'


def _extent(parts: Sequence[Part]) -> Extent:
    given = {part.owner for part in parts if part.word not in ("no", "refused")}
    if not given:
        return "none"
    if given == {"own"}:
        return "own"
    return "every" if all(part.word in ("yes", "may call") for part in parts) else "part"


def _write_part(owners: Sequence[str], word: str, state: str, seen: str) -> str:
    whose = f"{' and '.join(owner for owner in owners if owner)}: " if any(owners) else ""
    ball = _ball("none" if word in ("no", "refused") else "every" if word in ("yes", "may call") else "part")
    told = f"<small>{escape(seen)}</small>" if seen and state == "holds" and seen != word else ""
    wrong = _write_wrong(state, seen) if seen and state != "holds" else ""
    mark = "" if wrong else _mark(state, hide=False)
    return f'<span class="line">{ball} {escape(whose)}{escape(word)} {mark}{told}{wrong}</span>'
