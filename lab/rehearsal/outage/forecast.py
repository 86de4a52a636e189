"""Forecasts what an outage does to buyers: the queue's own figures in a model of it, on a clock of its own."""

import heapq
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from lab.rehearsal.dice import open_dice
from lab.rehearsal.outage.figures import REFUSAL, RENDER, SEND, STATEMENT, TIMEOUT, Figures, read_figures
from lab.rehearsal.outage.loads import JOBS, WAITS_FROM, Ends, Load, run_load

POINTS = 240  # of the curve


@dataclass(frozen=True, kw_only=True)
class Blast:
    """What an outage does.

    Args:
        orders: How many orders came.
        waits: How long each buyer waited for everything, in seconds, the shortest first; only who waited at all.
        person: How many jobs need a person, by the job.
        buyers_with_person: How many buyers wait for a person.
        backlog_seconds: How long after the outage the last order from before its end was delivered or with a person.
        waiting: How many buyers wait for something, by the time since the outage began, in seconds.
    """

    orders: int
    waits: tuple[float, ...]
    person: dict[str, int]
    buyers_with_person: int
    backlog_seconds: float
    waiting: tuple[tuple[float, int], ...] = field(repr=False)

    @property
    def median(self) -> float:
        """Return how long the buyer in the middle waited."""
        return self.share(0.5)

    @property
    def p95(self) -> float:
        """Return how long 95 of 100 buyers waited at most."""
        return self.share(0.95)

    @property
    def worst(self) -> float:
        """Return how long the last buyer waited."""
        return self.share(1.0)

    def share(self, part: float) -> float:
        """Return the longest wait of the given share of waiting buyers, in seconds; 0 when there are none."""
        return self.waits[max(0, math.ceil(part * len(self.waits)) - 1)] if self.waits else 0.0


@dataclass(order=True)
class _Job:
    next_run_at: float
    id: int
    order: int = field(compare=False)
    name: str = field(compare=False)
    attempts: int = field(default=0, compare=False)
    lease_until: float = field(default=math.inf, compare=False)


class ModelQueue:
    """A model of the queue.

    Args:
        load: What is gone, and when.
        figures: The queue's own figures.
        seed: Chooses the pauses.
    """

    def __init__(self, load: Load, figures: Figures, seed: int) -> None:
        self.open, self.ends = 0, Ends()
        self._load, self._figures = load, figures
        self._dice, self._ids = open_dice(seed), 0
        self._pending: list[_Job] = []
        self._running: dict[int, _Job] = {}

    def add(self, order: int, now: float) -> None:
        """Make the jobs of an order."""
        self.ends.begin(order, now)
        for name in JOBS:
            self._ids += 1
            self.open += 1
            heapq.heappush(self._pending, _Job(now, self._ids, order, name))

    def claim(self, worker: int, now: float) -> Sequence[_Job]:
        """Return the jobs that are due, the oldest first, at most a batch."""
        claimed: list[_Job] = []
        while len(claimed) < self._figures.batch and self._pending and self._pending[0].next_run_at <= now:
            job = heapq.heappop(self._pending)
            job.attempts += 1
            self._running[job.id] = job
            claimed.append(job)
        return claimed

    def handle(self, worker: int, job: _Job, now: float) -> float:
        """Do a job, or let its attempt fail."""
        message = job.name.endswith(".email")
        if not self._load.fails(job.name, now):
            seconds = SEND.seconds if message else RENDER.seconds if job.name.startswith("pdf") else STATEMENT.seconds
            self._end(job, now + seconds, done=True)
            return seconds
        silent = self._load.kind.fault == "mail_silent"
        seconds = TIMEOUT.seconds if silent else REFUSAL.seconds if message else RENDER.seconds
        if silent or job.attempts >= self._figures.budgets[job.name.partition(".")[0]]:
            self._end(job, now + seconds, done=False)  # without an answer, SMTP cannot be called again
        else:
            self._retry(job, now + seconds)
        return seconds

    def end_batch(self, worker: int, now: float) -> None:
        """Complete nothing more: a job has ended with its work."""

    def kill(self, now: float) -> None:
        """Let the leases of all jobs in hand run out."""
        for job in self._running.values():
            job.lease_until = now + self._figures.lease_seconds

    def recover(self, now: float) -> None:
        """Return the jobs of expired leases to the queue."""
        for job in [job for job in self._running.values() if job.lease_until < now]:
            self._retry(job, now)

    def due_in(self, now: float) -> float:
        """Return in how many seconds the next job is due."""
        return self._pending[0].next_run_at - now if self._pending else math.inf

    def _retry(self, job: _Job, now: float) -> None:
        del self._running[job.id]
        job.next_run_at, job.lease_until = now + self._dice.random() * self._figures.limit(job.attempts), math.inf
        heapq.heappush(self._pending, job)

    def _end(self, job: _Job, now: float, *, done: bool) -> None:
        del self._running[job.id]
        self.open -= 1
        self.ends.end(job.order, job.name, now, done=done)


def forecast(load: Load, arrivals: Sequence[float] | None = None, *, seed: int | None = None) -> Blast:
    """Return what an outage does, by the model. Two calls return the same.

    Args:
        load: The outage and the load.
        arrivals: When the orders come; by default the load's own.
        seed: Chooses the pauses; by default the load's own.

    Raises:
        FiguresOutdated: The queue's figures cannot be read.
    """
    figures = read_figures()
    queue = ModelQueue(load, figures, load.seed if seed is None else seed)
    run_load(load, arrivals or load.draw_arrivals(), queue, figures)
    return measure(load, queue.ends)


def measure(load: Load, ends: Ends) -> Blast:
    """Return what the ends of all orders come to."""
    waited = {order: at - ends.paid[order] for order, at in ends.done.items() if not ends.open[order]}
    before = [at for order, at in ends.done.items() if ends.paid[order] < load.ends]
    return Blast(
        orders=len(ends.paid),
        waits=tuple(sorted(one for order, one in waited.items() if one >= WAITS_FROM and order not in ends.person)),
        person=dict(Counter(job for jobs in ends.person.values() for job in jobs)),
        buyers_with_person=len(ends.person),
        backlog_seconds=max(0.0, max(before, default=load.ends) - load.ends),
        waiting=_count_waiting(load, ends),
    )


def _count_waiting(load: Load, ends: Ends) -> tuple[tuple[float, int], ...]:
    """Count those who have paid and have not got everything, at even distances of time."""
    last = max(load.end, *ends.done.values())
    paid, done = sorted(ends.paid.values()), sorted(ends.done.values())
    moments = [last * place / POINTS for place in range(POINTS + 1)]
    return tuple((at - load.begins, bisect_right(paid, at) - bisect_right(done, at)) for at in moments)
