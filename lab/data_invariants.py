"""Asks a database whether its invariants hold: counts of offenders, never their rows."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg import errors

from lab.criterion import Outcome, gather
from lab.findings import Finding, Unknown
from lab.invariants import INVARIANTS, Invariant

RECENT = 20_000  # rows of a walk: about a second for the slowest of them
_SIZES = Path(__file__).parents[1] / "sql" / "operations" / "row_estimates.sql"

# Row-level security would hide rows in silence from a role that it binds: with this, Postgres refuses instead.
_SETTINGS = {"row_security": "off", "timezone": "UTC", "bytea_output": "hex"}


def check_invariants(
    connection: psycopg.Connection[Any],
    invariants: Sequence[Invariant] = INVARIANTS,
    *,
    recent: int | None = RECENT,
    seconds: float = 10,
) -> Outcome:
    """Count the offenders of each invariant. Read-only.

    Args:
        connection: As a role that row-level security does not bind, such as Supabase's `postgres`.
        invariants: Which to ask for.
        recent: How many of the newest rows a walk takes; None for all of them.
        seconds: How long each may take.
    """
    parts: list[Finding | Unknown] = []
    with connection.transaction(force_rollback=True):
        connection.execute("set transaction read only")
        _settle(connection, recent, seconds)
        for invariant in invariants:
            parts += _ask(connection, invariant, recent, seconds)
        if recent is not None:
            parts += _say_what_was_left(connection, invariants, recent)
    return gather(parts)


def _settle(connection: psycopg.Connection[Any], recent: int | None, seconds: float) -> None:
    settings = {
        **_SETTINGS,
        "lab.recent": "" if recent is None else str(recent),
        "statement_timeout": str(round(seconds * 1000)),
    }
    calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
    connection.execute(f"select {calls}", [part for pair in settings.items() for part in pair])


def _ask(
    connection: psycopg.Connection[Any], invariant: Invariant, recent: int | None, seconds: float
) -> Iterator[Finding | Unknown]:
    query = invariant.query(whole=recent is None)
    try:
        with connection.transaction():
            row = connection.execute(query.encode()).fetchone()
    except errors.QueryCanceled:
        yield Unknown(what=invariant.title, why=f"Counting took longer than {seconds:g} seconds and was ended.")
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        yield Unknown(what=invariant.title, why=_explain(error))
    else:
        if count := int(row[0]) if row else 0:
            yield invariant.broken(invariant.table.qualified, _say(count), repair=invariant.repair)


def _say(count: int) -> str:
    return f"{count} row{'s' if count != 1 else ''} of which this is not true"


def _explain(error: psycopg.Error) -> str:
    """Say why a question could not be asked; the server's words are not passed on, as they may quote a row."""
    if isinstance(
        error, errors.UndefinedTable | errors.UndefinedFunction | errors.UndefinedColumn | errors.InvalidSchemaName
    ):
        return "Something that the question needs is not in the database: apply the migrations first."
    if isinstance(error, errors.InsufficientPrivilege):
        return "This role may not see all rows: ask as the owner of the tables, such as Supabase's postgres."
    return f"The database answered with the error {error.sqlstate or 'of a broken connection'}."


def _say_what_was_left(
    connection: psycopg.Connection[Any], invariants: Sequence[Invariant], recent: int
) -> Iterator[Unknown]:
    """Yield, for each walk that did not reach the beginning, that it did not."""
    walks = [invariant for invariant in invariants if invariant.walks]
    names = [invariant.walks.qualified for invariant in walks if invariant.walks]
    rows = connection.execute(_SIZES.read_bytes(), [names]).fetchall()
    sizes = {name: int(size) for name, size in rows}
    for invariant in walks:
        size = sizes.get(invariant.walks.qualified, 0) if invariant.walks else 0
        if size > recent:
            why = f"The newest {recent:,} of about {size:,} rows were checked; check all of them with recent=None."
            yield Unknown(what=f"{invariant.title[:-1]}, in the rows before.", why=why)
