"""Rehearses an outage: a few orders through the real queue and handlers, in virtual time; beside it its forecast."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

from lab.rehearsal.faults import BY_ID
from lab.rehearsal.outage.figures import REFUSAL, RENDER, SEND, STATEMENT, TIMEOUT, read_figures
from lab.rehearsal.outage.forecast import Blast, forecast, measure
from lab.rehearsal.outage.loads import Ends, Load, run_load
from lab.rehearsal.play import Play
from lab.rehearsal.points import Side
from lab.rehearsal.scene import Stage, World
from lab.rehearsal.workers import JOBS, LEASE_SECONDS, RehearsedLane
from lab.services.delivery.claims import ClaimedJob, claim_jobs
from lab.services.delivery.drain import CHANNELS, POLL_SECONDS
from lab.services.delivery.handle import Handled
from lab.text.durations import say_duration

ORDERS = 12  # of a rehearsed run
DRAWS = 100  # forecasts of the same few orders, each with other pauses
_SHIFT = """update public.delivery_jobs
   set next_run_at = next_run_at - make_interval(secs => %s),
       lease_until = lease_until - make_interval(secs => %s)
 where status in ('pending', 'running')"""
_DUE = """select extract(epoch from min(j.next_run_at) - now())::float8 from public.delivery_jobs j
 where j.status = 'pending'"""
_NEW = "select j.id, j.channel || '.' || j.leg from public.delivery_jobs j where j.id > %s order by j.id"
FIGURES = ("median", "worst", "backlog_seconds", "buyers_with_person")
TITLES = {
    "median": "Median wait", "worst": "Longest wait",
    "backlog_seconds": "Backlog gone after the outage", "buyers_with_person": "Buyers who need a person",
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Line:
    """One figure of the comparison.

    Args:
        figure: Its name in `Blast`.
        forecast: What the forecasts of the same orders say in the middle.
        low: The lowest of them.
        high: The highest of them.
        rehearsed: What the real handlers came to.
    """

    figure: str
    forecast: float
    low: float
    high: float
    rehearsed: float

    @property
    def within(self) -> bool:
        """Tell whether the rehearsed figure is in the range of the forecasts, by the pause of an idle worker."""
        return self.low - POLL_SECONDS <= self.rehearsed <= self.high + POLL_SECONDS

    def say(self) -> "Told":
        """Return the line in words."""

        def write(value: float) -> str:
            return say_duration(value) if self.figure != "buyers_with_person" else f"{value:g}"

        gap = self.rehearsed - self.forecast
        return Told(
            forecast=write(self.forecast),
            range=f"{write(self.low)} to {write(self.high)}",
            rehearsed=write(self.rehearsed),
            difference="none" if not round(gap) else f"{write(abs(gap))} {'more' if gap > 0 else 'less'}",
            verdict="in the range" if self.within else "outside the range",
        )


@dataclass(frozen=True, kw_only=True)
class Told:
    """A line of the comparison in words."""

    forecast: str
    range: str
    rehearsed: str
    difference: str
    verdict: str


class OutagePlay(Play):
    """Plays whose calls fail while something is gone."""

    def __init__(self, stage: Stage, load: Load) -> None:
        super().__init__(stage)
        self.load, self.now, self.job = load, 0.0, ""
        self.ended: list[tuple[int, bool]] = []

    def reach(self, where: str, call: str, side: Side) -> None:
        """Come to a point: what is gone fails there."""
        super().reach(where, call, side)
        kind = BY_ID.get(self.load.kind.fault)
        if kind and kind.raises and kind.can_happen(where, side) and self.load.fails(self.job, self.now):
            raise kind.raises()

    def report(self, done: Handled) -> None:
        """Note a job that ended."""
        if done.state in ("done", "dead", "cancelled"):
            self.ended.append((done.job.id, done.state == "done"))


class RealQueue:
    """The product's queue and handlers, whose rows are moved as the time passes.

    Args:
        stage: With an open transaction, which is rolled back.
        load: What is gone, and when.
    """

    def __init__(self, stage: Stage, load: Load) -> None:
        self.open, self.ends = 0, Ends()
        self._play, self._synced, self._down = OutagePlay(stage, load), 0.0, False
        self._lanes = [_Lane(self._play) for _ in range(load.workers)]
        self._jobs: dict[int, tuple[int, str]] = {}

    def add(self, order: int, now: float) -> None:
        """Sell, settle and bring an order, by the product's own code."""
        self._sync(now)
        self.ends.begin(order, now)
        self._play.world = World(order=uuid4())
        self._play.buy()
        self._play.pay()
        self._play.return_to_page()
        self._play.bring()
        rows = self._play.stage.connection.execute(_NEW.encode(), [max(self._jobs, default=0)]).fetchall()
        self._jobs |= {number: (order, name) for number, name in rows}
        self.ends.open[order] = len(rows)
        self.open += len(rows)

    def claim(self, worker: int, now: float) -> Sequence[ClaimedJob]:
        """Claim what is due."""
        self._sync(now)
        with self._play.doing(f"worker {worker}"):
            return claim_jobs(self._play.connection(), f"rehearsal:{worker}", JOBS, LEASE_SECONDS, CHANNELS)
        return ()

    def handle(self, worker: int, job: ClaimedJob, now: float) -> float:
        """Handle a job by the product's own handler."""
        self._sync(now)
        name = self._jobs[job.id][1]
        fails = self._play.load.fails(name, now)
        self._play.job = name
        with self._play.doing(f"worker {worker}"):
            self._lanes[worker].handle(self._play.connection(), job)
        seconds = find_seconds(name, fails, self._play.load.kind.fault)
        self._note(now + seconds)
        return seconds

    def end_batch(self, worker: int, now: float) -> None:
        """Complete what was made."""
        self._sync(now)
        with self._play.doing(f"worker {worker}"):
            self._lanes[worker].complete(self._play.connection())
        self._note(now)

    def kill(self, now: float) -> None:
        """Lose the workers: what they have made is forgotten, and their leases run out."""
        self._sync(now)
        self._down = True
        self._shift(0.0, LEASE_SECONDS - read_figures().lease_seconds)
        for lane in self._lanes:
            lane.made.clear()

    def recover(self, now: float) -> None:
        """Recover expired leases, as the schedule does."""
        self._sync(now)
        self._down = False
        self._play.reap()

    def due_in(self, now: float) -> float:
        """Return in how many seconds the next job is due."""
        self._sync(now)
        found = self._play.value(_DUE)
        return math.inf if found is None else float(found)

    def _sync(self, now: float) -> None:
        """Move the rows by the time that has passed; a lease is extended while its worker lives."""
        passed, self._synced, self._play.now = now - self._synced, now, now
        if passed > 0:
            self._shift(passed, passed if self._down else 0.0)

    def _shift(self, runs: float, leases: float) -> None:
        self._play.stage.connection.execute(_SHIFT.encode(), [runs, leases])

    def _note(self, now: float) -> None:
        for job, done in self._play.ended:
            order, name = self._jobs[job]
            self.open -= 1
            self.ends.end(order, name, now, done=done)
        self._play.ended.clear()


class _Lane(RehearsedLane):
    def __init__(self, play: OutagePlay) -> None:
        super().__init__(play, "")

    def complete(self, connection: Any) -> None:
        """Complete what was made."""
        self._complete(connection)


def find_seconds(name: str, fails: bool, fault: str) -> float:
    """Return how long a job takes: the same assumptions as in the forecast."""
    if name.endswith(".email"):
        return (TIMEOUT if fault == "mail_silent" else REFUSAL).seconds if fails else SEND.seconds
    return RENDER.seconds if name.startswith("pdf") else STATEMENT.seconds


def rehearse_outage(stage: Stage, load: Load) -> tuple[Blast, tuple[Line, ...]]:
    """Play the outage with a few orders through the real queue; return what it did, and the comparison.

    Args:
        stage: What plays begin with; it is left as it was.
        load: The outage; so many orders an hour come that there are about twelve in all.
    """
    small = make_small(load)
    arrivals = small.draw_arrivals()[:ORDERS]
    figures = read_figures()
    with stage.connection.transaction(force_rollback=True):
        stage.connection.execute("select setseed(0.5)")
        queue = RealQueue(stage, small)
        run_load(small, arrivals, queue, figures)
    stage.account.put_back(stage.began)
    seen = measure(small, queue.ends)
    return seen, compare(seen, [forecast(small, arrivals, seed=seed) for seed in range(DRAWS)])


def make_small(load: Load) -> Load:
    """Return the same outage with about twelve orders in all."""
    an_hour = max(1, round(ORDERS / (load.end / 3600)))
    return replace(load, orders_an_hour=an_hour, workers=min(load.workers, 2))


def compare(seen: Blast, drawn: Sequence[Blast]) -> tuple[Line, ...]:
    """Return each figure of a rehearsed run beside the forecasts of the same orders."""
    lines = []
    for figure in FIGURES:
        values = [float(getattr(one, figure)) for one in drawn]
        lines.append(
            Line(
                figure=figure, forecast=statistics.median(values), low=min(values), high=max(values),
                rehearsed=float(getattr(seen, figure)),
            )
        )  # fmt: skip
    return tuple(lines)
