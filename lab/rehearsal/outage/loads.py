"""An outage and a load on a clock of its own: the shop, the workers and the recovery of leases, as processes of SimPy.

The queue that they work on is an argument: a model of it for forecasts, or the real one with the product's handlers.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import simpy

from lab.rehearsal.dice import open_dice
from lab.rehearsal.outage.figures import Figures
from lab.text.errors import LabError

BEFORE_SECONDS, AFTER_SECONDS = 600, 1800  # in which orders come before and after the outage
LONGEST_SECONDS = 14 * 86_400  # after which whatever still waits counts as waiting
MOST_ORDERS, MOST_MINUTES, MOST_WORKERS, MOST_AN_HOUR = 5_000, 1_440, 50, 2_000
WAITS_FROM = 60.0  # seconds: a buyer who gets everything sooner has not waited
SOON = 0.01
Steps = Generator[Any, Any, None]


class LoadRefused(LabError):
    """A load is too large to be forecast while somebody waits, or makes no sense."""


@dataclass(frozen=True, kw_only=True)
class OutageKind:
    """Something that is gone for a while.

    Args:
        id: Its name in links.
        title: What is gone.
        fault: The kind of fault that each call sees meanwhile; empty when the workers themselves are gone.
        jobs: The jobs that make the call.
    """

    id: str
    title: str
    fault: str
    jobs: tuple[str, ...]


JOBS = ("receipt.account", "receipt.email", "pdf.account", "email.email")
MESSAGES = ("receipt.email", "email.email")
OUTAGE_KINDS = (
    OutageKind(id="mail_gone", title="The e-mail provider is gone", fault="mail_refused", jobs=MESSAGES),
    OutageKind(id="mail_silent", title="The e-mail provider does not answer", fault="mail_silent", jobs=MESSAGES),
    OutageKind(id="disk_full", title="The disk for files is full", fault="disk_full", jobs=("pdf.account",)),
    OutageKind(id="workers_gone", title="The workers are gone", fault="", jobs=JOBS),
)
KIND_BY_ID = {kind.id: kind for kind in OUTAGE_KINDS}


@dataclass(frozen=True, kw_only=True)
class Load:
    """An outage, and what comes meanwhile.

    Args:
        kind: What is gone.
        minutes: For how long.
        orders_an_hour: How many orders come.
        workers: How many workers deliver.
        seed: Chooses when orders come, and the pauses.

    Raises:
        LoadRefused: A number is out of its range, or too many orders would come in all.
    """

    kind: OutageKind
    minutes: int
    orders_an_hour: int
    workers: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what cannot be forecast."""
        for name, number, most in (
            ("The minutes of the outage", self.minutes, MOST_MINUTES),
            ("The orders an hour", self.orders_an_hour, MOST_AN_HOUR),
            ("The workers", self.workers, MOST_WORKERS),
        ):
            if not 1 <= number <= most:
                raise LoadRefused(name, f"{number} is not from 1 to {most:,}", "Choose a number in this range")
        if (expected := round(self.orders_an_hour * self.end / 3600)) > MOST_ORDERS:
            found = f"About {expected:,} orders would come; a forecast has at most {MOST_ORDERS:,}"
            raise LoadRefused("The load", found, "Choose fewer orders an hour, or fewer minutes")

    @property
    def begins(self) -> float:
        """Return when the outage begins, in seconds."""
        return float(BEFORE_SECONDS)

    @property
    def ends(self) -> float:
        """Return when the outage ends."""
        return self.begins + self.minutes * 60

    @property
    def end(self) -> float:
        """Return until when orders come."""
        return self.ends + AFTER_SECONDS

    def fails(self, job: str, now: float) -> bool:
        """Tell whether a job's call fails now."""
        return bool(self.kind.fault) and job in self.kind.jobs and self.begins <= now < self.ends

    def draw_arrivals(self) -> tuple[float, ...]:
        """Return when the orders come, by the seed."""
        dice, now, arrivals = open_dice(self.seed), 0.0, list[float]()
        while (now := now + dice.expovariate(self.orders_an_hour / 3600)) < self.end:
            arrivals.append(now)
        return tuple(arrivals) or (self.begins,)


class Queue(Protocol):
    """What the workers work on; `now` is seconds of the simulation."""

    open: int
    """How many jobs are neither done nor with a person."""

    def add(self, order: int, now: float) -> None:
        """Make the jobs of an order."""

    def claim(self, worker: int, now: float) -> Sequence[Any]:
        """Return the jobs that a worker begins."""

    def handle(self, worker: int, job: Any, now: float) -> float:
        """Do a job; return how long it takes, in seconds."""

    def end_batch(self, worker: int, now: float) -> None:
        """Complete what a worker has made."""

    def kill(self, now: float) -> None:
        """Lose every worker with the jobs in its hands."""

    def recover(self, now: float) -> None:
        """Return the jobs of expired leases to the queue."""

    def due_in(self, now: float) -> float:
        """Return in how many seconds the next job is due; infinite when none waits."""


@dataclass
class Ends:
    """What became of each order.

    Attributes:
        paid: When each came.
        open: How many jobs of each are open.
        done: When the last job of each was done.
        person: The jobs that need a person, by the order.
    """

    paid: dict[int, float] = field(default_factory=dict)
    open: dict[int, int] = field(default_factory=dict)
    done: dict[int, float] = field(default_factory=dict)
    person: dict[int, list[str]] = field(default_factory=dict)

    def begin(self, order: int, now: float) -> None:
        """Note an order."""
        self.paid[order], self.open[order] = now, len(JOBS)

    def end(self, order: int, job: str, now: float, *, done: bool) -> None:
        """Note the end of a job."""
        self.open[order] -= 1
        if not done:
            self.person.setdefault(order, []).append(job)
        self.done[order] = max(self.done.get(order, 0.0), now)


def run_load(load: Load, arrivals: Sequence[float], queue: Queue, figures: Figures) -> None:
    """Let orders come and workers work until every job has ended.

    Args:
        load: The outage and the workers.
        arrivals: When the orders come.
        queue: What is worked on.
        figures: How often leases are recovered.
    """
    _Simulation(load, queue, figures).run(arrivals)


class _Simulation:
    def __init__(self, load: Load, queue: Queue, figures: Figures) -> None:
        self._env, self._load, self._queue, self._figures = simpy.Environment(), load, queue, figures
        self._bell, self._all_came, self._rested = self._env.event(), False, self._env.event()

    def run(self, arrivals: Sequence[float]) -> None:
        self._env.process(self._sell(arrivals))
        workers = [self._env.process(self._work(number)) for number in range(self._load.workers)]
        if not self._load.kind.fault:
            self._env.process(self._kill(workers))
            self._env.process(self._recover())
        self._env.run(until=self._env.any_of([self._rested, self._env.timeout(LONGEST_SECONDS)]))

    def _sell(self, arrivals: Sequence[float]) -> Steps:
        for order, moment in enumerate(arrivals):
            yield self._env.timeout(max(0.0, moment - self._env.now))
            self._queue.add(order, self._env.now)
            self._ring()
        self._all_came = True
        self._look()

    def _ring(self) -> None:
        self._bell.succeed()
        self._bell = self._env.event()

    def _look(self) -> None:
        if self._all_came and not self._queue.open and not self._rested.triggered:
            self._rested.succeed()

    def _work(self, worker: int) -> Steps:
        while True:
            try:
                yield from self._work_once(worker)
            except simpy.Interrupt:
                yield self._env.timeout(self._load.ends - self._env.now)

    def _work_once(self, worker: int) -> Steps:
        jobs = self._queue.claim(worker, self._env.now)
        if not jobs:
            # An idle worker looks every few seconds; looks that would find nothing are left out.
            idle = min(max(self._queue.due_in(self._env.now), SOON), LONGEST_SECONDS)
            yield self._bell | self._env.timeout(idle)
        for job in jobs:
            yield self._env.timeout(self._queue.handle(worker, job, self._env.now))
        self._queue.end_batch(worker, self._env.now)
        self._look()

    def _kill(self, workers: Sequence[simpy.Process]) -> Steps:
        yield self._env.timeout(self._load.begins)
        self._queue.kill(self._env.now)
        for worker in workers:
            worker.interrupt()

    def _recover(self) -> Steps:
        """Recover expired leases; the workers do it, so it begins when they are back."""
        yield self._env.timeout(self._load.ends)
        while True:
            self._queue.recover(self._env.now)
            self._ring()
            yield self._env.timeout(self._figures.recovery_seconds)
