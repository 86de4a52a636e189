"""The delivery lane of a worker: claim, handle, wait; and go on when the database was gone."""

import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg

from lab.database.connect import DatabaseUnavailable
from lab.rules import RULES
from lab.rules.tables.sending import ALL_CHANNELS
from lab.services.delivery.claims import ClaimedJob, Gate, claim_jobs, extend_leases, read_gate, release_job
from lab.services.delivery.handle import Handled, handle_job
from lab.services.delivery.removal import remove_files
from lab.services.delivery.site import DeliverySite
from lab.services.files import StoreFault
from lab.services.worker import Stop
from lab.services.worker.keep_on import Open, keep_on
from lab.services.worker.runs import open_connection

BATCH, LEASE_SECONDS = 10, 30
IDLE_SECONDS, CLOSED_SECONDS = 1.0, 10.0
REMOVAL_SECONDS = 10.0  # from one look at the list of files to the next
CHANNELS = tuple(job.id for job in RULES.jobs)


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """A worker's delivery lane, and how it reports.

    Args:
        site: What deliveries work with.
        stop: A request to stop. The current job is finished, and the others go back to the queue.
        report: Gets how each attempt ended.
        tell: Gets sentences about what is wrong.
        open: Opens a connection.
        draw: Returns a random number from 0 to 1, for the pauses after a failure.
        batch: How many jobs are claimed at once.
        lease_seconds: How long a job is leased; its lease is extended while the worker lives.
    """

    site: DeliverySite
    stop: Stop
    report: Callable[[Handled], None]
    tell: Callable[[str], None]
    open: Open = open_connection
    draw: Callable[[], float] = random.random
    batch: int = BATCH
    lease_seconds: int = LEASE_SECONDS


def run_deliveries(delivery: Delivery) -> None:
    """Deliver until a stop is asked for."""
    explained: str | None = None
    removal = _Removal(delivery)

    def step(connection: psycopg.Connection[Any]) -> float:
        nonlocal explained
        gate = read_gate(connection, delivery.site.environment)
        if gate.fault != explained:
            explained = gate.fault
            delivery.tell(_explain(gate.fault) if gate.fault else "Deliveries go on.")
        channels = open_channels(gate)
        if not channels:
            return CLOSED_SECONDS
        removal.run(connection)
        return 0 if run_batch(delivery, connection, leases, channels) else IDLE_SECONDS

    with _renewing(delivery) as leases:
        keep_on(step, delivery.site.url, stop=delivery.stop, tell=delivery.tell, open=delivery.open, draw=delivery.draw)


def deliver_once(delivery: Delivery) -> None:
    """Deliver what is due until nothing is.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        psycopg.Error: The connection was lost.
    """
    with delivery.open(delivery.site.url) as connection, _renewing(delivery) as leases:
        gate = read_gate(connection, delivery.site.environment)
        if gate.fault:
            delivery.tell(_explain(gate.fault))
        channels = open_channels(gate)
        while channels and not delivery.stop.asked and run_batch(delivery, connection, leases, channels):
            pass
        if channels:
            _Removal(delivery).run(connection)


def open_channels(gate: Gate) -> tuple[str, ...]:
    """Return the channels that may be claimed now."""
    if gate.fault or ALL_CHANNELS in gate.stopped:
        return ()
    return tuple(channel for channel in CHANNELS if channel not in gate.stopped)


def run_batch(
    delivery: Delivery, connection: psycopg.Connection[Any], leases: "_Leases", channels: tuple[str, ...]
) -> int:
    """Claim and handle some jobs; return how many were claimed."""
    site = delivery.site
    jobs = claim_jobs(connection, site.worker, delivery.batch, delivery.lease_seconds, channels)
    if not jobs:
        return 0
    leases.hold(jobs[0].token)
    try:
        for place, job in enumerate(jobs):
            if delivery.stop.asked:
                _give_back(connection, jobs[place:])
                break
            delivery.report(handle_job(site, connection, job, delivery.tell))
    finally:
        leases.drop()
    return len(jobs)


def _give_back(connection: psycopg.Connection[Any], jobs: list[ClaimedJob]) -> None:
    for job in jobs:
        release_job(connection, job)


class _Removal:
    """Deletes listed files now and then; a store that refuses is told once."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery, self._next, self._told = delivery, 0.0, ""

    def run(self, connection: psycopg.Connection[Any]) -> None:
        """Delete what is listed, unless that was done a moment ago."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + REMOVAL_SECONDS
        try:
            remove_files(self._delivery.site.store, connection)
            self._told = ""
        except StoreFault as fault:
            if fault.code != self._told:
                self._delivery.tell(f"warning: Files on the list of deletions are kept for now: {fault.code}")
            self._told = fault.code


class _Leases:
    """Extends the leases of the claim that is worked on, on a connection of its own, while its worker lives."""

    def __init__(self, delivery: Delivery) -> None:
        self._delivery, self._lock, self._token = delivery, threading.Lock(), None
        self.ended = threading.Event()

    _token: UUID | None

    def hold(self, token: UUID) -> None:
        """Extend the leases of this claim from now on."""
        with self._lock:
            self._token = token

    def drop(self) -> None:
        """Extend none."""
        with self._lock:
            self._token = None

    def run(self) -> None:
        """Extend the leases at a third of their length; a lost connection is opened anew at the next time."""
        seconds = self._delivery.lease_seconds
        while not self.ended.wait(seconds / 3):
            with self._lock:
                token = self._token
            if token is not None:
                self._extend(token)

    def _extend(self, token: UUID) -> None:
        with contextlib.suppress(DatabaseUnavailable, psycopg.Error):
            connection = self._delivery.open(self._delivery.site.url)
            with connection:
                extend_leases(connection, token, self._delivery.lease_seconds)


@contextlib.contextmanager
def _renewing(delivery: Delivery) -> Iterator[_Leases]:
    leases = _Leases(delivery)
    thread = threading.Thread(target=leases.run, daemon=True)
    thread.start()
    try:
        yield leases
    finally:
        leases.ended.set()
        thread.join()


def _explain(fault: str) -> str:
    return f"warning: Nothing is delivered: {_EXPLAINED[fault]}"


_EXPLAINED = {
    "not_opened": "no environment is open. Open it with `python -m lab deliveries open NAME --apply`.",
    "another": "another environment is open in this database.",
    "copied": "this database is a copy or was restored. Open the environment when it is the real one.",
}
