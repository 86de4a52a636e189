"""Finds rows that the product must be able to write and an undeclared check refuses.

Rows are made from the rules, never from the check: every combination of listed values, usual texts and numbers, nulls,
now, in every month and at every hour, at weekends, at the end of a month and in ten years. Plans, deadlines and leases
lie ahead of that time. A row that a declared check refuses does not count.
For each act, the check must accept a row.
"""

from collections.abc import Iterable, Iterator
from itertools import combinations
from math import prod
from typing import Any, NamedTuple

import psycopg

from lab.checks.schema.equivalence.candidates import CALLER, STRANGER, find_clues, guess_values
from lab.checks.schema.equivalence.counterexample_search import TYPES, write_conditions
from lab.checks.schema.equivalence.nodes import Node, Unreadable, find_nodes
from lab.checks.schema.equivalence.terms import Scope, Term, fits, tables_of_ours
from lab.rules.derived import quote
from lab.rules.model import Column, PrivacyClass

MOST_ROWS = 50_000
NULL = "null"
_CLOCKS = {"now", "current_timestamp", "transaction_timestamp", "statement_timestamp", "clock_timestamp"}
_TIMES = (  # all of them to come, because a row of the past is not promised
    "now()",
    "now() + interval '10 years'",
    "date_trunc('week', now()) + interval '12 days 3 hours'",  # a Saturday's night
    "date_trunc('month', now()) + interval '2 months' - interval '1 hour'",  # a month's last evening
    "date_trunc('week', now()) + interval '13 days 12 hours'",  # a Sunday's noon
    # Every month, every hour and every day of a month is among these.
    *(
        f"date_trunc('month', now()) + interval '{1 + day % 12} months {day} days {day % 24} hours 30 minutes'"
        for day in range(31)
    ),
)
_APART = ("0 days", "1 day", "-1 day", "40 days")
_AHEAD = ("1 minute", "1 day", "12 days", "40 days")  # of plans, deadlines and leases
_TEXTS = ("Rain", "Will it rain in Bergen tomorrow?", "en", "de", "usd", "eur", "x" * 1500)
_COUNTS, _AMOUNTS, _NUMBERED = (1, 2, 3), (1, 500, 1900, 1999, 12_345), 1_000_000
_OTHERS = {
    "bytes": ("decode(repeat('ab', 32), 'hex')",),
    "document": ("'{}'::jsonb", "'[]'::jsonb", '\'{"object": "event"}\'::jsonb'),
    "list": ("array['question']", "'{}'::text[]"),
}


class Values(NamedTuple):
    """The values that a column is tried with.

    Args:
        written: The values, as SQL.
        listed: Whether the rules list the values; then every combination of listed values is an act.
        each: Whether each value is an act; otherwise the two acts are null and not null.
        named: Whether the values name a person or a row.
    """

    written: tuple[str, ...]
    listed: bool = False
    each: bool = False
    named: bool = False


def find_refused(
    connection: psycopg.Connection[Any], tree: Node, declared: Iterable[Node], scope: Scope
) -> dict[str, Any] | None:
    """Return a promised row that a check refuses; None if the check accepts every act.

    Args:
        connection: To the target.
        tree: The check.
        declared: The declared checks of the table.
        scope: The tables that the checks name.

    Raises:
        Unreadable: The check has a part that cannot be run here.
        psycopg.Error: The server refuses the query.
    """
    declared = tuple(declared)
    variables, passes, met = write_conditions(tree, declared, scope)
    values = {term: _choose(term, declared, scope) for term in variables}
    times = _choose_times(tree, prod(len(one.written) for one in values.values()))
    rows = _write_rows(variables, values, times)
    query = f"select key, ({passes}) is not false from {rows} where {' and '.join(met) or 'true'} order by key"
    tried = [(tuple(key), taken) for key, taken in connection.execute(query.encode()).fetchall()]
    refused = _find_refused_act(tuple(values.values()), tried)
    if refused is None:
        return None
    shown = ", ".join(f"{quote(term.text)}, {name}" for term, name in variables.items())
    query = f"select jsonb_build_object({shown}) from {rows} where key = array{list(refused)}"
    row = connection.execute(query.encode()).fetchone()
    return dict(row[0]) if row else None


def _choose_times(tree: Node, combinations: int) -> tuple[str, ...]:
    """Return the times that a check is tried at; a check of the clock is tried now."""
    if 2 * combinations > MOST_ROWS:
        raise Unreadable("too many columns")
    timeless = any(node.text in _CLOCKS for node in find_nodes(tree))
    return _TIMES[: 1 if timeless else MOST_ROWS // combinations]


def _find_refused_act(values: tuple[Values, ...], tried: list[tuple[tuple[int, ...], bool]]) -> tuple[int, ...] | None:
    """Return the first row of an act whose rows are all refused; a row begins with its time."""
    for act in _list_acts(values):
        rows: dict[object, tuple[int, ...]] = {}
        for key, _ in tried:
            if name := act(key):
                rows.setdefault(name, key)
        taken = {act(key) for key, passes in tried if passes}
        if left := [row for name, row in rows.items() if name not in taken]:
            return left[0]
    return None


class _Act(NamedTuple):
    """Identifies the act of a row, by the values in some places and by nulls in others."""

    places: tuple[int, ...]
    nulls: tuple[int, ...] = ()

    def __call__(self, key: tuple[int, ...]) -> object:
        return tuple(key[place] for place in self.places), tuple(key[place] == 0 for place in self.nulls)


class _OfTwo(NamedTuple):
    """Identifies rows in which two columns name two persons, by the columns' places and whether each is nullable."""

    places: tuple[int, int]
    nullable: tuple[bool, bool]

    def __call__(self, key: tuple[int, ...]) -> object:
        """Return a name for a row with two different ones, and None for every other row."""
        one, other = (key[place] - null for place, null in zip(self.places, self.nullable, strict=True))
        return "two" if min(one, other) >= 0 and one != other else None


def _list_acts(values: tuple[Values, ...]) -> Iterator[_Act | _OfTwo]:
    """Yield how acts are distinguished: by time with all listed values, by each other column, by two persons."""
    yield _Act((0, *(place for place, one in enumerate(values, 1) if one.listed)))
    for place, one in enumerate(values, 1):
        if one.each:
            yield _Act((place,))
        elif one.written[0] == NULL and not one.listed:
            yield _Act((), (place,))
    named = [(place, one.written[0] == NULL) for place, one in enumerate(values, 1) if one.named]
    for (place, null), (other, other_null) in combinations(named, 2):
        yield _OfTwo((place, other), (null, other_null))


# Values --------------------------------------------------------------------------------------------------


def _choose(term: Term, declared: tuple[Node, ...], scope: Scope) -> Values:
    """Return the values that a column is tried with; null is first if the column is nullable."""
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
            return Values((f"'{CALLER}'::uuid", f"'{STRANGER}'::uuid"), each=True, named=True)
        case "text":
            clues = find_clues(*(one for one in declared if column.name in _names(one)))
            texts = dict.fromkeys((*_TEXTS, *clues.texts[:20], *clues.matches[:6]))
            return Values(tuple(map(quote, texts)), each=True)
        case "moment":
            apart = _AHEAD if column.ahead else _APART[:1] if column.default == "now()" else _APART
            return Values(tuple(f"interval '{one}'" for one in apart))
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


# Query ---------------------------------------------------------------------------------------------------


def _write_rows(variables: dict[Term, str], values: dict[Term, Values], times: tuple[str, ...]) -> str:
    """Write the query for every combination of values; `key` holds the index of the time and of each value."""
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
