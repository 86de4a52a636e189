"""Whether a check that no rule declares refuses a row that the product promises to write.

Rows are made from the rules: each value of a column that has a list of them, each combination of these, usual texts and
numbers, with a value and without one, now and in ten years. None is made from the check itself. A row that no declared
check takes is not promised. Every act needs one row at least that is taken.
"""

from collections.abc import Iterable, Iterator
from math import prod
from typing import Any, NamedTuple

import psycopg

from lab.checks.schema.equivalence.candidates import CALLER, STRANGER, find_clues, guess_values
from lab.checks.schema.equivalence.counterexample_search import TYPES, write_conditions
from lab.checks.schema.equivalence.grammar import Node, Unreadable, find_nodes
from lab.checks.schema.equivalence.terms import Scope, Term, fits, tables_of_ours
from lab.rules.derived import quote
from lab.rules.model import Column, PrivacyClass

MOST_ROWS = 50_000
NULL = "null"
_CLOCKS = {"now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp"}
_TIMES = ("now()", "now() + interval '10 years'")
_APART = ("0 days", "1 day", "-1 day", "40 days")
_TEXTS = ("Rain", "Will it rain in Bergen tomorrow?", "en", "de", "usd", "eur", "x" * 1500)
_COUNTS, _AMOUNTS, _NUMBERED = (1, 2, 3), (500, 1900, 9900), 1_000_000
_OTHERS = {
    "bytes": ("decode(repeat('ab', 32), 'hex')",),
    "document": ("'{}'::jsonb", "'[]'::jsonb", '\'{"object": "event"}\'::jsonb'),
    "list": ("array['question']", "'{}'::text[]"),
}


class Values(NamedTuple):
    """What a column is tried with.

    Args:
        written: The values, as SQL.
        listed: Whether the rules list them: every combination of such is an act by itself.
        each: Whether each of them is an act; otherwise only that there is one, and that there is none.
    """

    written: tuple[str, ...]
    listed: bool = False
    each: bool = False


def find_refused(
    connection: psycopg.Connection[Any], tree: Node, declared: Iterable[Node], scope: Scope
) -> dict[str, Any] | None:
    """Return a promised row that a check refuses; none when every promised act is taken.

    Args:
        connection: To the target.
        tree: The check.
        declared: What rows of the table have to meet by the rules.
        scope: What both are about.

    Raises:
        Unreadable: Something in it can't be run here.
        psycopg.Error: The server can't take it.
    """
    declared = tuple(declared)
    variables, passes, met = write_conditions(tree, declared, scope)
    times = _TIMES[:1] if any(node.text in _CLOCKS for node in find_nodes(tree)) else _TIMES
    values = {term: _choose(term, declared, scope) for term in variables}
    sizes = [len(one.written) for one in values.values()]
    if len(times) * prod(sizes) > MOST_ROWS:
        raise Unreadable("too many columns")
    rows = _write_rows(variables, values, times)
    asked = f"select key, ({passes}) is not false from {rows} where {' and '.join(met) or 'true'} order by key"
    tried = [(tuple(key), taken) for key, taken in connection.execute(asked.encode()).fetchall()]
    refused = _find_refused_act(tuple(values.values()), tried)
    if refused is None:
        return None
    shown = ", ".join(f"{quote(term.text)}, {name}" for term, name in variables.items())
    asked = f"select jsonb_build_object({shown}) from {rows} where key = array{list(refused)}"
    row = connection.execute(asked.encode()).fetchone()
    return dict(row[0]) if row else None


def _find_refused_act(values: tuple[Values, ...], tried: list[tuple[tuple[int, ...], bool]]) -> tuple[int, ...] | None:
    """Return the first row of an act of which no row is taken; a row begins with its time."""
    for act in _list_acts(values):
        rows: dict[object, tuple[int, ...]] = {}
        for key, _ in tried:
            rows.setdefault(act(key), key)
        taken = {act(key) for key, passes in tried if passes}
        if left := [row for name, row in rows.items() if name not in taken]:
            return left[0]
    return None


class _Act(NamedTuple):
    """Names the act that a row belongs to: by what it has in some places, and whether it has anything in others."""

    places: tuple[int, ...]
    nulls: tuple[int, ...] = ()

    def __call__(self, key: tuple[int, ...]) -> object:
        return tuple(key[place] for place in self.places), tuple(key[place] == 0 for place in self.nulls)


def _list_acts(values: tuple[Values, ...]) -> Iterator[_Act]:
    """Yield the ways to tell acts apart: by time and what is listed together, then by each other column."""
    yield _Act((0, *(place for place, one in enumerate(values, 1) if one.listed)))
    for place, one in enumerate(values, 1):
        if one.each:
            yield _Act((place,))
        elif one.written[0] == NULL and not one.listed:
            yield _Act((), (place,))


# What is tried -------------------------------------------------------------------------------------------


def _choose(term: Term, declared: tuple[Node, ...], scope: Scope) -> Values:
    """Return what a column is tried with; null first, where the rules allow that."""
    column = _find_column(term, scope)
    found = _choose_values(term, column, declared, scope)
    if not column.nullable:
        return found
    return found._replace(written=(NULL, *found.written))


def _choose_values(term: Term, column: Column, declared: tuple[Node, ...], scope: Scope) -> Values:
    if column.allowed:
        return Values(tuple(map(quote, column.allowed)), listed=True)
    match term.sort:
        case "boolean":
            return Values(("true", "false"), listed=True)
        case "number":
            written = (f"({number})::bigint" for number in _numbers(column) if fits(number, scope.find_limits(term)))
            return Values(tuple(written), each=True)
        case "uuid":
            return Values((f"'{CALLER}'::uuid", f"'{STRANGER}'::uuid"), each=True)
        case "text":
            clues = find_clues(*(one for one in declared if column.name in _names(one)))
            texts = dict.fromkeys((*_TEXTS, *clues.texts[:20], *clues.matches[:6]))
            return Values(tuple(map(quote, texts)), each=True)
        case "moment":
            stamped = column.default == "now()"
            return Values(tuple(f"interval '{apart}'" for apart in (_APART[:1] if stamped else _APART)))
    if term.sort not in _OTHERS:
        raise Unreadable(f"{term.text}, of a type without values")
    return Values((*_OTHERS[term.sort], *guess_values(term, find_clues(*declared), None)[:4]))


def _numbers(column: Column) -> Iterator[int]:
    yield from (int(column.default),) if column.default and column.default.isdecimal() else ()
    yield from _AMOUNTS if column.privacy is PrivacyClass.FINANCIAL else _COUNTS
    yield from (_NUMBERED,) if column.identity else ()


def _find_column(term: Term, scope: Scope) -> Column:
    if term.form != "column" or len(scope.tables) != 1:
        raise Unreadable(term.text)
    (table,) = scope.tables.values()
    return tables_of_ours()[table].column(term.text)


def _names(tree: Node) -> set[str]:
    return {node.text.rpartition(".")[2].strip('"') for node in find_nodes(tree) if node.form == "name"}


# The question --------------------------------------------------------------------------------------------


def _write_rows(variables: dict[Term, str], values: dict[Term, Values], times: tuple[str, ...]) -> str:
    """Write the query for every combination of values; `key` has the place of its time, and of each value."""
    sources = [_write_source("base", times)]
    sources += [_write_source(f"raw_{variables[term]}", one.written) for term, one in values.items()]
    places = ", ".join(["base.place", *(f"raw_{name}.place" for name in variables.values())])
    made = [f"array[{places}] as key", *(_write_value(term, name) for term, name in variables.items())]
    return f"(select {', '.join(made)} from {' cross join '.join(sources)}) as made"


def _write_source(name: str, written: tuple[str, ...]) -> str:
    rows = ", ".join(f"({place}, {value})" for place, value in enumerate(written))
    return f"(values {rows}) as {name} (place, value)"


def _write_value(term: Term, name: str) -> str:
    value = f"raw_{name}.value"
    return (
        f"base.value + {value}::interval as {name}"
        if term.sort == "moment"
        else f"{value}::{TYPES[term.sort]} as {name}"
    )
