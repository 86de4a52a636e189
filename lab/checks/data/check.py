"""Checks the invariants of a database's rows; the result has counts of offending rows, never the rows."""

from collections.abc import Iterator, Sequence
from typing import Any

import psycopg

from lab.checks.criterion import Outcome, gather, make_finding
from lab.checks.data.questions import read_question, read_repair
from lab.checks.finding import Finding, Unknown
from lab.database.read_only import QueryFailed, read_only_transaction, run_query
from lab.rules import RULES
from lab.rules.model import Invariant
from lab.text.product_files import SQL

RECENT = 20_000  # rows that a query reads of a table: about a second for the slowest query
# With so many rows each is looked up by index; joining whole tables would be faster only while these are small.
_BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
# Words for a table that was not wholly read, and for the rows that were not checked, by what is counted.
_WALKED = {
    "row": ("The newest {recent} of about {size} rows were checked", "the rows before"),
    "reference": ("For each, {recent} of about {size} rows were checked, in the order of an index", "the other rows"),
}
_WHOLE = "check all of them with `python -m lab check --data --all-rows`."
_SIZES = SQL / "operations" / "row_estimates.sql"


def check_invariants(
    connection: psycopg.Connection[Any],
    invariants: Sequence[Invariant] = RULES.invariants,
    *,
    recent: int | None = RECENT,
    seconds: float = 10,
) -> Outcome:
    """Count the offending rows of each invariant. Read-only.

    Args:
        connection: Of a role that row-level security does not apply to, such as Supabase's `postgres`.
        invariants: Which to check.
        recent: How many rows of a table are read, the newest if their order is known; None for all of them.
        seconds: How long each query may take.
    """
    parts: list[Finding | Unknown] = []
    counted: list[Invariant] = []
    settings = {"lab.recent": ""} if recent is None else {"lab.recent": str(recent), **_BY_INDEX}
    with read_only_transaction(connection, settings, seconds):
        for invariant in invariants:
            try:
                parts += _count(connection, invariant)
            except QueryFailed as reason:
                parts.append(Unknown(what=invariant.title, why=str(reason)))
            else:
                counted.append(invariant)
        if recent is not None:
            parts += _say_what_was_left(connection, counted, recent)
    return gather(parts)


def _count(connection: psycopg.Connection[Any], invariant: Invariant) -> Iterator[Finding]:
    (row,) = run_query(connection, read_question(invariant))
    if count := int(next(iter(row.values()))):
        yield make_offence(invariant, count)


def make_offence(invariant: Invariant, count: int) -> Finding:
    """Return the finding that some rows break an invariant."""
    seen = f"{count} {invariant.counts}{'s' if count != 1 else ''} of which this is not true"
    return make_finding(invariant, invariant.table.qualified, seen, repair=read_repair(invariant))


def _say_what_was_left(
    connection: psycopg.Connection[Any], invariants: Sequence[Invariant], recent: int
) -> Iterator[Unknown]:
    """Yield an unknown for each table of which not all rows were checked.

    `invariants` are those that were counted; of the others, no row was checked.
    Sizes are estimates. After a rollback, a table has fewer rows than its size suggests. So if a table seems too large,
    its rows are counted, up to one more than the limit.
    """
    walks = [invariant for invariant in invariants if invariant.walks]
    names = [invariant.walks.qualified for invariant in walks if invariant.walks]
    try:
        sizes = {row["name"]: int(row["size"]) for row in run_query(connection, _SIZES.read_text(), [names])}
    except QueryFailed as reason:
        yield Unknown(what="Whether every row was checked.", why=str(reason))
        return
    for invariant in walks:
        size = sizes.get(invariant.walks.qualified, 0) if invariant.walks else 0
        if size > recent and invariant.walks and _goes_on(connection, invariant.walks.qualified, recent):
            taken, left = _WALKED[invariant.counts]
            taken = taken.format(recent=f"{recent:,}", size=f"{size:,}")
            yield Unknown(what=f"{invariant.title[:-1]}, in {left}.", why=f"{taken}; {_WHOLE}")


def _goes_on(connection: psycopg.Connection[Any], name: str, recent: int) -> bool:
    """Tell whether a table has more rows than are read; without the right to count them, the estimate decides."""
    try:
        return bool(run_query(connection, f"select from {name} offset {recent} limit 1"))
    except QueryFailed:
        return True
