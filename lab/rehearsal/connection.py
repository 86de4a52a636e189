"""A connection whose transactions are savepoints of one that is always rolled back, with a point around each."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier

from lab.rehearsal.faults import DATABASE, PoolerGone
from lab.rehearsal.points import Side, name_statement
from lab.services.acting import TAKE_ROLE

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
    _inside = False  # another transaction, whose savepoint this one is
    _waits = False  # the savepoint, for the first statement

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
        self._inside = self._real.info.transaction_status != TransactionStatus.IDLE
        try:
            with self._savepoint() if self._inside else self._real.transaction():
                yield
                self._end()
        finally:
            self._open = self._waits = False
        if self._call:
            self._reach(DATABASE, self._call, "after")

    @contextlib.contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Begin a savepoint with the first statement, and end it with the statements that settle it.

        A play has hundreds of transactions: each has two messages less this way than by the driver's own savepoints.
        """
        self._waits = True
        try:
            yield
        except BaseException:
            if not self._waits:
                self._real.execute(b"rollback to savepoint rehearsed; release savepoint rehearsed")
            raise

    def _end(self) -> None:
        """End the open transaction, all but a real commit."""
        if self._inside and not self._waits:
            self._real.execute(f"{self._settle}; release savepoint rehearsed".encode())

    def _begin(self, text: str, values: Any) -> psycopg.Cursor[Any] | None:
        """Begin the savepoint that waits, in one message with a change of the role if that is first."""
        self._waits = False
        if text != TAKE_ROLE:
            self._real.execute(b"savepoint rehearsed")
            return None
        return self._real.execute(SQL("savepoint rehearsed; set local role {}").format(Identifier(*values)))

    def execute(self, query: Any, values: Any = None) -> psycopg.Cursor[Any]:
        """Run a statement; the first that writes names its transaction."""
        text = query.decode() if isinstance(query, bytes) else str(query)
        if self._waits and (begun := self._begin(text, values)):
            return begun
        if self._call is None and (name := name_statement(text)):
            self._call = name
            try:
                self._reach(DATABASE, name, "before")
            except PoolerGone:
                self.broken = True
                raise
        return self._real.execute(query, values)
