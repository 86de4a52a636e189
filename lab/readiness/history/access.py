"""Opens the history: one transaction in a file or in a schema, whose tables are made with the first run."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from lab.database.connect import DatabaseUnavailable
from lab.readiness.history.place import History
from lab.readiness.history.postgres_schema import SCHEMA, PostgresSchema
from lab.readiness.history.sqlite_file import SqliteFile
from lab.readiness.history.tables import has_scenarios

WAIT_SECONDS = 10  # for another process that is writing
READ_SECONDS = 0.5  # so that a locked history does not delay a page


@contextlib.contextmanager
def open_for_writing(history: History) -> Iterator[Connection]:
    """Open the history in one transaction, the only one that writes; make its tables if there are none.

    Raises:
        HistoryUnavailable: It can't be reached or written, is damaged, or is not ours.
    """
    with _connect(history, writes=True) as (store, connection):
        if not store.has_tables(connection) or not has_scenarios(connection, schema_of(history)):
            store.make_tables(connection)
        yield connection
        connection.commit()


@contextlib.contextmanager
def open_for_reading(history: History) -> Iterator[Connection | None]:
    """Open the history in one transaction with one consistent state; None when nothing was kept yet. Read-only.

    Raises:
        HistoryUnavailable: It can't be reached, is damaged, or is not ours.
    """
    if isinstance(history, Path) and not os.path.lexists(history):
        yield None
        return
    with _connect(history, writes=False) as (store, connection):
        yield connection if store.has_tables(connection) else None


def schema_of(history: History) -> str | None:
    """Return the schema that holds the tables; a file has none."""
    return None if isinstance(history, Path) else SCHEMA


@contextlib.contextmanager
def _connect(history: History, *, writes: bool) -> Iterator[tuple[SqliteFile | PostgresSchema, Connection]]:
    wait = WAIT_SECONDS if writes or not isinstance(history, Path) else READ_SECONDS
    store = SqliteFile(history, wait) if isinstance(history, Path) else PostgresSchema(history, wait)
    try:
        with store.connect(writes=writes) as connection:
            store.begin(connection, writes=writes)
            yield store, connection
    except (
        OSError,
        SQLAlchemyError,
        DatabaseUnavailable,
        ValueError,
        TypeError,
    ) as error:  # or its content
        raise store.explain(error) from None
