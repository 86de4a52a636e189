"""A connection whose transactions are savepoints of one that is always rolled back, with a point around each."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.sql import SQL, Identifier

from lab.rehearsal.faults import DATABASE, PoolerGone
from lab.rehearsal.points import Side, name_statement
from lab.rehearsal.statements import find_statements
from lab.services.acting import TAKE_ROLE

Reach = Callable[[str, str, Side], None]
_SAVEPOINT = b"savepoint rehearsed;"


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
        self._statements = find_statements(real)

    _call: str | None
    _lost = False
    _inside = False  # another transaction, whose savepoint this one is
    _waits = b""  # what begins the savepoint, for the first statement

    @property
    def broken(self) -> bool:
        """Tell whether the connection is lost."""
        return self._lost

    @contextlib.contextmanager
    def transaction(self) -> Iterator[None]:
        """Begin a transaction as a savepoint; one inside another is what it would be anyway."""
        if self._open:
            self._begin_now()
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
            self._open, self._waits = False, b""
        if self._call:
            self._reach(DATABASE, self._call, "after")

    @contextlib.contextmanager
    def _savepoint(self) -> Iterator[None]:
        """Begin a savepoint with the first statement, and end it with the statements that settle it.

        A play has hundreds of transactions: each has three messages less this way than by the driver's own savepoints.
        """
        self._waits = _SAVEPOINT
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

    def _begin_now(self) -> None:
        """Begin the savepoint that waits."""
        if self._waits:
            self._real.execute(self._waits)
            self._waits = b""

    def execute(self, query: Any, values: Any = None) -> psycopg.Cursor[Any] | None:
        """Run a statement; the first that writes names its transaction."""
        text = query.decode() if isinstance(query, bytes) else str(query)
        if self._waits == _SAVEPOINT and text == TAKE_ROLE:  # goes in one message with the first statement
            self._waits += SQL("set local role {};").format(Identifier(*values)).as_bytes()
            return None
        if self._call is None and (name := name_statement(text)):
            self._call = name
            try:
                self._reach(DATABASE, name, "before")
            except PoolerGone:
                self._lost = True
                raise
        if not (self._inside and self._open):
            return self._real.execute(query, values)
        before, self._waits = self._waits, b""
        return self._statements.execute(self._real, text.encode(), values, before)
