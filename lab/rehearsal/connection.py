"""A connection whose transactions are savepoints of one that is always rolled back, with a point around each."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg

from lab.rehearsal.faults import DATABASE, PoolerGone
from lab.rehearsal.points import Side, name_statement

Reach = Callable[[str, str, Side], None]


class RehearsedConnection:
    """What the product gets in place of its connection.

    Args:
        real: A connection with an open transaction.
        reach: Called at each point with its kind, its call and its side; may raise what the process sees there.
        settle: Statements that end a transaction as a commit would: deferred constraints are checked.
    """

    def __init__(self, real: psycopg.Connection[Any], reach: Reach, settle: str) -> None:
        self._real, self._reach, self._settle = real, reach, settle
        self._open, self._call = False, None

    _call: str | None
    broken = False

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin a transaction as a savepoint; one inside another is what it would be anyway."""
        if self._open:
            with self._real.transaction():
                yield
            return
        if self.broken:
            raise psycopg.OperationalError("the connection is closed")
        self._open, self._call = True, None
        try:
            with self._real.transaction():
                yield
                self._end()
        finally:
            self._open = False
        if self._call:
            self._reach(DATABASE, self._call, "after")

    def _end(self) -> None:
        """End the open transaction, all but the commit."""
        self._real.execute(self._settle.encode())

    def execute(self, query: Any, values: Any = None) -> psycopg.Cursor[Any]:
        """Run a statement; the first that writes names its transaction."""
        text = query.decode() if isinstance(query, bytes) else str(query)
        if self._call is None and (name := name_statement(text)):
            self._call = name
            try:
                self._reach(DATABASE, name, "before")
            except PoolerGone:
                self.broken = True
                raise
        return self._real.execute(query, values)
