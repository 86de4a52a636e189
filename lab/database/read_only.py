"""Runs queries on an open connection: read-only, with time limits, and each failure by itself."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import errors
from psycopg.rows import dict_row

from lab.text.errors import LabError

# How long a query may wait for a lock. After one has waited in vain, the others, maybe dozens, wait much less.
LOCK_MILLISECONDS, IMPATIENT_MILLISECONDS = 1000, 20

# Row-level security hides rows from a role without an error; with `row_security` off, Postgres reports one instead.
_SETTINGS = {"row_security": "off", "timezone": "UTC", "bytea_output": "hex"}


class QueryFailed(LabError):
    """A query has no result; says why, without the server's words, which may quote a row."""


@contextmanager
def read_only_transaction(
    connection: psycopg.Connection[Any], settings: Mapping[str, str], seconds: float
) -> Iterator[None]:
    """Hold a read-only transaction, or a savepoint of the open one, with time limits; it is always rolled back.

    Args:
        connection: An open connection.
        settings: Further settings, until it ends.
        seconds: How long each query may take.
    """
    with connection.transaction(force_rollback=True):
        connection.execute("set transaction read only")
        limits = {"statement_timeout": str(round(seconds * 1000)), "lock_timeout": str(LOCK_MILLISECONDS)}
        given = {**_SETTINGS, **limits, **settings}
        calls = ", ".join(["set_config(%s, %s, true)"] * len(given))
        connection.execute(f"select {calls}", [part for pair in given.items() for part in pair])
        yield


def run_query(
    connection: psycopg.Connection[Any], query: str, values: list[Any] | dict[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Return a query's rows.

    Raises:
        QueryFailed: It took too long, or something it needs is locked or missing or may not be read.
        psycopg.OperationalError: The connection broke.
    """
    why = ""
    try:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            return cursor.execute(query.encode(), values).fetchall()
    except errors.QueryCanceled:
        why = "The query took too long and was cancelled."
    except errors.LockNotAvailable:
        why = "Another session holds a lock that the query needs: try again later."
        _lose_patience(connection)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        why = _explain(error)
    raise QueryFailed(found=why)


def run_queries(
    connection: psycopg.Connection[Any], queries: Mapping[str, str]
) -> dict[str, list[dict[str, Any]] | QueryFailed]:
    """Return the rows of each query, or why it has none, by its name.

    All go in one message, without values. If one is refused, none of them has a result; then each is run by itself.

    Raises:
        psycopg.OperationalError: The connection broke.
    """
    try:
        with connection.transaction(), connection.cursor(row_factory=dict_row) as cursor:
            cursor.execute(";\n".join(queries.values()).encode())
            return dict(zip(queries, _read_results(cursor), strict=True))
    except errors.LockNotAvailable:
        _lose_patience(connection)
    except psycopg.Error:
        if connection.closed:
            raise
    return {name: _try(connection, query) for name, query in queries.items()}


def _read_results(cursor: psycopg.Cursor[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    more: bool | None = True
    while more:
        yield cursor.fetchall()
        more = cursor.nextset()


def _try(connection: psycopg.Connection[Any], query: str) -> list[dict[str, Any]] | QueryFailed:
    try:
        return run_query(connection, query)
    except QueryFailed as reason:
        return reason


def _lose_patience(connection: psycopg.Connection[Any]) -> None:
    connection.execute("select set_config('lock_timeout', %s, true)", [str(IMPATIENT_MILLISECONDS)])


_ABSENT = (errors.UndefinedTable, errors.UndefinedFunction, errors.UndefinedColumn, errors.InvalidSchemaName)


def _explain(error: psycopg.Error) -> str:
    if isinstance(error, _ABSENT):
        return "A table or function that the query needs is missing: apply the migrations first."
    if isinstance(error, errors.InsufficientPrivilege):
        return "This role may not read everything: connect as the owner of the tables, such as Supabase's postgres."
    return f"The database answered with the error {error.sqlstate or 'of a broken connection'}."
