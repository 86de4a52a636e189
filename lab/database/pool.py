"""Engines of SQLAlchemy: a small pool for a database that is used again and again, and a file of SQLite.

Connections to Postgres are opened by `connect`, so that its rules for URLs, encryption, limits and poolers hold here,
too. The engines hold no URL, so that no password can appear in their errors, logs or representations.
"""

import atexit
import sqlite3
from functools import cache
from pathlib import Path

from sqlalchemy import Engine, NullPool, create_engine

from lab.database.connect import GRACE_SECONDS, LimitedConnection, connect

POOLED, AT_MOST = 2, 5  # connections of one process; those beyond the first are closed after use
RECYCLE_SECONDS = 300  # networks and poolers drop a connection that was idle for longer
STATEMENT_SECONDS = 15


@cache
def open_engine(url: str, lock_seconds: float, statement_seconds: float = STATEMENT_SECONDS) -> Engine:
    """Return the pool of a database, the same one for the same URL; it is closed when the process ends.

    Args:
        url: The database's URL; it is parsed, and refused if it is wrong, with the first connection.
        lock_seconds: How long a statement may wait for a lock, and a caller for a free connection.
        statement_seconds: How long one statement may take.
    """

    def open_connection() -> LimitedConnection:
        return connect(
            url,
            statement_timeout_seconds=statement_seconds,
            lock_timeout_seconds=lock_seconds,
            patience_seconds=statement_seconds + GRACE_SECONDS,
        )

    engine = create_engine(
        "postgresql+psycopg://",
        creator=open_connection,
        pool_size=POOLED,
        max_overflow=AT_MOST - POOLED,
        pool_timeout=lock_seconds,
        pool_recycle=RECYCLE_SECONDS,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED",
        use_native_hstore=False,  # or else the first connection looks for it
        hide_parameters=True,
    )
    atexit.register(engine.dispose)
    return engine


@cache
def open_file(path: Path, lock_seconds: float) -> Engine:
    """Return the engine of a file of SQLite, which opens it for each use: the file may be moved away at any time.

    A transaction begins with an explicit `begin`.

    Args:
        path: The file; it is made when it is not there.
        lock_seconds: How long to wait for another writer.
    """

    def open_connection() -> sqlite3.Connection:
        return sqlite3.connect(path, timeout=lock_seconds, isolation_level=None)

    return create_engine("sqlite+pysqlite://", creator=open_connection, poolclass=NullPool, hide_parameters=True)
