"""The delivery lane of a worker: claim, handle, wait; and go on when the database was gone."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

from lab.rules import RULES
from lab.rules.tables.sending import ALL_CHANNELS
from lab.services.delivery.artifacts import MADE
from lab.services.delivery.bell import Bell
from lab.services.delivery.claims import (
    ClaimedJob,
    Gate,
    claim_jobs,
    complete_jobs,
    continue_jobs,
    extend_leases,
    read_gate,
    release_job,
)
from lab.services.delivery.handle import Handled, handle_job
from lab.services.delivery.leases import LOST, Leases
from lab.services.delivery.position import Position
from lab.services.delivery.removal import Removal
from lab.services.delivery.site import DeliverySite
from lab.services.worker import Stop
from lab.services.worker.keep_on import Open, keep_on
from lab.services.worker.runs import open_connection

BATCH, LEASE_SECONDS = 10, 10  # with recover_deliveries, what a killed worker held goes on within 15 s
# How long an idle worker waits at most: without notifications, with them, and while nothing may be sent.
POLL_SECONDS, LISTEN_SECONDS, CLOSED_SECONDS = 2.0, 10.0, 10.0
FIRST_LOOK_SECONDS = 0.01  # after the last job; the pauses double, because a job may have been queued without a ring
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
    removal = Removal(delivery.site.store, delivery.tell)
    bell = Bell(lambda: delivery.open(delivery.site.url), delivery.stop)

    def step(connection: psycopg.Connection[Any]) -> float:
        nonlocal explained
        gate = read_gate(connection, delivery.site.environment, CHANNELS, lane.position.begin())
        if gate.fault != explained:
            explained = gate.fault
            delivery.tell(_explain(gate.fault) if gate.fault else "Deliveries go on.")
        pause = lane.step(connection, open_channels(gate), gate.due_in)
        if not gate.fault:
            removal.run(connection)
        return pause

    with _leases(delivery).renewing() as leases:
        lane = Lane(delivery=delivery, leases=leases, bell=bell)
        try:
            keep_on(
                step,
                delivery.site.url,
                stop=delivery.stop,
                tell=delivery.tell,
                open=delivery.open,
                draw=delivery.draw,
                pause=bell.pause,
            )
        finally:
            bell.close()


def deliver_once(delivery: Delivery) -> None:
    """Deliver what is due until nothing is.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        psycopg.Error: The connection was lost.
    """
    with delivery.open(delivery.site.url) as connection, _leases(delivery).renewing() as leases:
        lane = Lane(delivery=delivery, leases=leases, bell=None)
        gate = read_gate(connection, delivery.site.environment, CHANNELS)
        if gate.fault:
            delivery.tell(_explain(gate.fault))
        channels = open_channels(gate)
        if channels:
            lane.drain(connection, channels)
            Removal(delivery.site.store, delivery.tell).run(connection)


def _leases(delivery: Delivery) -> Leases:
    return Leases(lambda: delivery.open(delivery.site.url), extend_leases, delivery.lease_seconds)


def open_channels(gate: Gate) -> tuple[str, ...]:
    """Return the channels that may be claimed now."""
    if gate.fault or ALL_CHANNELS in gate.stopped:
        return ()
    return tuple(channel for channel in CHANNELS if channel not in gate.stopped)


@dataclass(kw_only=True)
class Lane:
    """What a worker's delivery lane knows between two steps.

    Args:
        delivery: How it delivers.
        leases: Extends the leases of the current claim.
        bell: Wakes it; None when it never sleeps.
        made: Jobs of the last claim whose work is done, and that are completed with the next claim.
        looks: How often it has looked in vain since the last job.
        position: Where it is in the queue.
    """

    delivery: Delivery
    leases: Leases
    bell: Bell | None
    made: list[ClaimedJob] = field(default_factory=list)
    looks: int = 0
    position: Position = field(default_factory=Position)

    def drain(self, connection: psycopg.Connection[Any], channels: tuple[str, ...]) -> None:
        """Handle what is due until nothing is, also from the front."""
        while not self.delivery.stop.asked:
            after = self.position.begin()
            if self.run_batch(connection, channels):
                continue
            if after is None:
                return
            self.position.hurry()

    def step(self, connection: psycopg.Connection[Any], channels: tuple[str, ...], due_in: float | None) -> float:
        """Handle some jobs, and return how long to wait.

        Args:
            connection: One without an open transaction.
            channels: The channels that may be claimed.
            due_in: Seconds until the next job is due; None without one.
        """
        if not channels:
            self._complete(connection)
            return CLOSED_SECONDS
        is_due = due_in is not None and due_in <= 0
        taken = self.run_batch(connection, channels) if is_due or self.made else 0
        if not taken:
            self.position.end()
            return self._rest(due_in if due_in and due_in > 0 else None)
        self.looks = 0
        if self.bell:
            self.bell.get_up()
        return 0

    def _rest(self, due_in: float | None) -> float:
        """Return how long to wait: until the next job is due, or until it is time to look again."""
        if self.bell and self.bell.lie_down():
            return 0  # a job that was queued just before has not rung
        longest = LISTEN_SECONDS if self.bell and self.bell.listens else POLL_SECONDS
        pause = min(longest, FIRST_LOOK_SECONDS * 2.0 ** min(self.looks, 10))
        self.looks += 1
        return min(seconds for seconds in (pause, due_in, self.position.look_in) if seconds is not None)

    def run_batch(self, connection: psycopg.Connection[Any], channels: tuple[str, ...]) -> int:
        """Complete what was made, claim some jobs and handle them; return how many were claimed."""
        jobs = self._claim(connection, channels)
        try:
            for place, job in enumerate(jobs):
                if self.delivery.stop.asked:
                    _give_back(connection, jobs[place:])
                    break
                self.handle(connection, job)
            if self.delivery.stop.asked:
                self._complete(connection)
        finally:
            self.leases.hold(self.made)
        return len(jobs)

    def _claim(self, connection: psycopg.Connection[Any], channels: tuple[str, ...]) -> list[ClaimedJob]:
        """Claim jobs. Behind a job, what was made of the last claim is completed in the same commit."""
        asked = (self.delivery.site.worker, self.delivery.batch, self.delivery.lease_seconds, channels)
        after = self.position.after
        if self.made and after is not None:
            completed, jobs = continue_jobs(connection, self.made, *asked)
            self._report_made(completed)
        else:
            self._complete(connection)
            jobs = claim_jobs(connection, *asked, after)
        self.position.end()
        self.leases.hold(jobs)
        return jobs

    def handle(self, connection: psycopg.Connection[Any], job: ClaimedJob) -> None:
        """Handle a job. Before a message leaves, which may take long, what was made is completed."""
        if job.leg == "email":
            self._complete(connection)
        done = handle_job(self.delivery.site, connection, job, self.delivery.tell, complete=False)
        if done.state == MADE:
            self.made.append(job)
        else:
            if done.state == "done":
                self.position.move(job.id)
            self.delivery.report(done)

    def _complete(self, connection: psycopg.Connection[Any]) -> None:
        if self.made:
            self._report_made(complete_jobs(connection, self.made))

    def _report_made(self, completed: set[int]) -> None:
        """Report what was made: done, or fenced when another worker has the job."""
        made, self.made = self.made, []
        for job in made:
            kept = job.id in completed
            if kept:
                self.position.move(job.id)
            self.delivery.report(Handled(job=job, state="done" if kept else "fenced", code=None if kept else LOST))


def _give_back(connection: psycopg.Connection[Any], jobs: Sequence[ClaimedJob]) -> None:
    for job in jobs:
        release_job(connection, job)


def _explain(fault: str) -> str:
    return f"warning: Nothing is delivered: {_EXPLAINED[fault]}"


_EXPLAINED = {
    "not_opened": "no environment is open. Open it with `python -m lab deliveries open NAME --apply`.",
    "another": "another environment is open in this database.",
    "copied": "this database is a copy or was restored. Open the environment when it is the real one.",
}
