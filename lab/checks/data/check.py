"""Asks a database whether its invariants hold: counts of offenders, never their rows."""

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

RECENT = 20_000  # rows of a walk: about a second for the slowest of them
# A walk of so many rows looks each of them up: joining whole tables would be faster only while those are small.
_BY_INDEX = {"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off"}
# What is said of a walk that stopped, and of the rows that it did not reach, by what is counted.
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
    """Count the offenders of each invariant. Read-only.

    Args:
        connection: As a role that row-level security does not bind, such as Supabase's `postgres`.
        invariants: Which to ask for.
        recent: How many rows a walk takes, the newest where it can tell; None for all of them.
        seconds: How long each may take.
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
        seen = f"{count} {invariant.counts}{'s' if count != 1 else ''} of which this is not true"
        yield make_finding(invariant, invariant.table.qualified, seen, repair=read_repair(invariant))


def _say_what_was_left(
    connection: psycopg.Connection[Any], invariants: Sequence[Invariant], recent: int
) -> Iterator[Unknown]:
    """Yield, for each walk that did not reach the beginning, that it did not.

    Of an invariant that could not be counted, no row was checked: it is not among the given ones.
    Sizes are estimates, and a table that was written to and rolled back has fewer rows than its size lets expect: what
    looks too large is counted, as far as a walk goes and one row further.
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
    """Tell whether a table has more rows than a walk takes; whoever may not count them has to trust the estimate."""
    try:
        return bool(run_query(connection, f"select from {name} offset {recent} limit 1"))
    except QueryFailed:
        return True
