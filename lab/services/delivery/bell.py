"""Wakes an idle worker when something is queued, where its connection can listen; elsewhere the worker polls.

A pooler in transaction mode accepts LISTEN and delivers nothing. So a bell rings once itself before it is relied on:
another connection sends a notification, which must arrive. Nothing rests on a notification alone, because every pause
ends by itself.
"""

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator

import psycopg

from lab.database.connect import DatabaseUnavailable, LimitedConnection
from lab.rules.tables.delivery import WAKE_CHANNEL, WAKE_LOCK
from lab.services.worker import Stop

PROOF_SECONDS = 2.0
TRY_AGAIN_SECONDS = 60.0
_ASLEEP = "select pg_catalog.pg_try_advisory_lock_shared(%s)"
_AWAKE = "select pg_catalog.pg_advisory_unlock_shared(%s)"
_RING = "select pg_catalog.pg_notify(%s, '')"


class Bell:
    """Rings when a job is queued while this worker sleeps.

    Args:
        open: Opens a connection; the bell keeps one to listen.
        stop: A request to stop, which ends every pause.
        clock: Returns seconds that never go back.
    """

    def __init__(
        self, open: Callable[[], LimitedConnection], stop: Stop, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._open, self._stop, self._clock = open, stop, clock
        self._line: LimitedConnection | None = None
        self._asleep, self._next_try = False, 0.0

    @property
    def listens(self) -> bool:
        """Tell whether notifications arrive."""
        return self._line is not None

    def lie_down(self) -> bool:
        """Let others ring from now on; True if they did not before, so that the queue must be looked at once more."""
        if self._line is None and self._clock() >= self._next_try:
            self._connect()
        return self._say(_ASLEEP, asleep=True)

    def get_up(self) -> None:
        """Let nobody ring any more: whoever queues a job while every worker is busy does not have to."""
        self._say(_AWAKE, asleep=False)

    def pause(self, seconds: float) -> bool:
        """Wait until something is queued, a stop is asked for, or the time is over; True when the bell rang."""
        line = self._line
        if line is None:
            self._stop.pause(seconds)
            return False
        try:
            if self._heard(line):
                return True
            return not self._stop.pause(seconds, line.fileno()) and self._heard(line)
        except psycopg.Error:
            self._hang_up()
            return False

    def close(self) -> None:
        """Close the connection; it may be used again."""
        self._hang_up()
        self._next_try = 0.0

    def _say(self, statement: str, *, asleep: bool) -> bool:
        if self._line is None or self._asleep == asleep:
            return False
        try:
            self._line.execute(statement.encode(), [WAKE_LOCK])
        except psycopg.Error:
            self._hang_up()
            return False
        self._asleep = asleep
        return True

    def _heard(self, line: LimitedConnection) -> bool:
        """Take what has arrived; tell whether anything had."""
        return bool(list(line.notifies(timeout=0)))

    def _connect(self) -> None:
        self._next_try = self._clock() + TRY_AGAIN_SECONDS
        with contextlib.suppress(DatabaseUnavailable, psycopg.Error):
            line = self._open()
            try:
                line.autocommit = True
                self._line = line if self._proves(line) else None
            finally:
                if self._line is None:
                    line.close()

    def _proves(self, line: LimitedConnection) -> bool:
        """Tell whether a notification of another connection arrives here."""
        own = f"proof_{uuid.uuid4().hex}"
        line.execute(f"listen {WAKE_CHANNEL}; listen {own}".encode())
        with self._open() as other:
            other.execute(_RING.encode(), [own])
        heard = any(notice.channel == own for notice in self._hear(line, own))
        line.execute(f"unlisten {own}".encode() if heard else b"unlisten *")
        return heard

    def _hear(self, line: LimitedConnection, own: str) -> Iterator[psycopg.Notify]:
        deadline = self._clock() + PROOF_SECONDS
        while (left := deadline - self._clock()) > 0:
            for notice in line.notifies(timeout=left, stop_after=1):
                yield notice
                if notice.channel == own:
                    return

    def _hang_up(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line, self._asleep = None, False
