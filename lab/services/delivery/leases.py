"""Leases of the jobs that a worker has claimed: extended while it lives, and known to be lost."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import psycopg

from lab.database.connect import DatabaseUnavailable, LimitedConnection
from lab.services.delivery.outcome import JobFailed

if TYPE_CHECKING:
    from lab.services.delivery.claims import ClaimedJob

LOST = "lease.lost"


class Lease:
    """Whether this worker still holds a job, as far as it can know.

    It holds the job until the lease would have ended by its own clock, counted from before the call that gave or
    extended it. After an extension that did not return the job, it holds it no longer.

    Args:
        until: When the lease ends, by the clock.
        clock: Returns seconds that never go back.
    """

    def __init__(self, until: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._until, self._clock, self._lost = until, clock, False

    @property
    def held(self) -> bool:
        """Tell whether the job may still be worked on."""
        return not self._lost and self._clock() < self._until

    def require(self) -> None:
        """Stop here unless the job may still be worked on.

        Raises:
            JobFailed: The lease was lost.
        """
        if not self.held:
            raise JobFailed(LOST)

    def extend(self, until: float) -> None:
        """Hold the job until then."""
        self._until = max(self._until, until)

    def lose(self) -> None:
        """Hold the job no longer. It is not held again, whatever comes."""
        self._lost = True


class Leases:
    """Extends the leases of the claim that is worked on, on a connection of its own, while its worker lives.

    Args:
        open: Opens that connection.
        extend: Extends the leases of some jobs of one claim, and returns the ids of those that are still held.
        seconds: How long a lease lasts.
    """

    def __init__(
        self,
        open: Callable[[], LimitedConnection],
        extend: Callable[[LimitedConnection, Sequence["ClaimedJob"], int], set[int]],
        seconds: int,
    ) -> None:
        self._open, self._extend, self._seconds = open, extend, seconds
        self._lock, self._ended = threading.Lock(), threading.Event()
        self._jobs: tuple[ClaimedJob, ...] = ()

    def hold(self, jobs: Sequence["ClaimedJob"]) -> None:
        """Extend the leases of these jobs from now on, and of no others."""
        with self._lock:
            self._jobs = tuple(jobs)

    def renew(self) -> None:
        """Extend the leases now. A job that is not returned is lost; without an answer the leases end by the clock."""
        with self._lock:
            jobs = self._jobs
        if not jobs:
            return
        until = time.monotonic() + self._seconds
        with contextlib.suppress(DatabaseUnavailable, psycopg.Error), self._open() as connection:
            held = self._extend(connection, jobs, self._seconds)
            for job in jobs:
                job.lease.extend(until) if job.id in held else job.lease.lose()

    @contextlib.contextmanager
    def renewing(self) -> Iterator["Leases"]:
        """Extend the leases at a third of their length, until the block ends."""
        thread = threading.Thread(target=self._run, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._ended.set()
            thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._seconds / 3):
            self.renew()
