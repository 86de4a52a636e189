"""Runs doers beside each other in threads, one step at a time, in an order that is chosen at each step.

A doer that waits for a lock of another one is found by asking Postgres, and the others go on. Which of them goes next
never depends on time.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import psycopg

LOOK_SECONDS = 0.003  # between two looks at a doer that has not come to its next stop
MOST_SECONDS = 60  # for one step: longer than every limit of a statement or a lock
_BLOCKED = "select cardinality(pg_blocking_pids(%s)) > 0"

Choose = Callable[[int, Sequence[int], int | None], int]
"""Chooses who goes next, from the number of the step, the doers that can go, and the one that went last."""


class Aborted(BaseException):
    """The race is over for this doer, because another one failed."""


class Stuck(RuntimeError):
    """A doer came to no stop, and waits for no lock."""


@dataclass(frozen=True)
class Choice:
    """One step of a race.

    Args:
        able: Who could have gone.
        went: Who went.
        last: Who went before; None at the first step.
        held: Whether that one stood still with a transaction that was done and not committed.
        waiting: How many others waited for a lock.
    """

    able: tuple[int, ...]
    went: int
    last: int | None
    held: bool = False
    waiting: int = 0

    @property
    def forced(self) -> bool:
        """Tell whether the doer that went last could have gone on, and another one went."""
        return self.last in self.able and self.went != self.last


@dataclass
class Runner:
    """A doer in a thread of its own, which stands still at each stop until it is let go.

    Args:
        do: What it does.
        backend: The process id of its connection in Postgres.
    """

    do: Callable[[], None]
    backend: int
    stopped: bool = False
    held: bool = False
    ended: bool = False
    failed: BaseException | None = None
    _go: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    _came: threading.Event = field(default_factory=threading.Event)
    _aborted: bool = False
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Start the thread, and come to the first stop."""
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        self.look(MOST_SECONDS)

    def stop(self, *, held: bool = False) -> None:
        """Stand still, called by what it does, perhaps with a transaction that is not committed; return when let go."""
        self.stopped, self.held = True, held
        self._came.set()
        self._go.acquire()
        if self._aborted:
            raise Aborted

    def let_go(self) -> None:
        """Let it go to its next stop."""
        self.stopped = False
        self._came.clear()
        self._go.release()

    def look(self, seconds: float) -> bool:
        """Wait for a moment, and tell whether it stands at a stop or has ended."""
        return self._came.wait(seconds)

    def abort(self) -> None:
        """End the thread at its stop."""
        self._aborted = True
        self._go.release()
        if self._thread:
            self._thread.join(MOST_SECONDS)

    def _run(self) -> None:
        self.stop()
        try:
            self.do()
        except Aborted:
            pass
        except BaseException as error:  # raised again by the race
            self.failed = error
        self.ended = self.stopped = True
        self._came.set()


def interleave(runners: Sequence[Runner], choose: Choose, monitor: psycopg.Connection[Any]) -> list[Choice]:
    """Let the runners go step by step until all have ended; return the choices.

    Args:
        runners: Those that take part, not started.
        choose: Chooses who goes next.
        monitor: Another connection to the same database, on which no transaction is open.

    Raises:
        Stuck: A runner neither comes to a stop nor waits for a lock.
        BaseException: What a runner has failed with.
    """
    choices: list[Choice] = []
    last: int | None = None
    try:
        for one in runners:
            one.start()
        while able := _settle(runners, monitor):
            went = choose(len(choices), able, last)
            held = last is not None and runners[last].held and not runners[last].ended
            waiting = sum(not one.stopped for one in runners)
            choices.append(Choice(able, went, last, held, waiting))
            last = went
            runners[went].let_go()
            _wait(runners[went], monitor)
        return choices
    finally:
        for one in runners:
            one.abort()


def _settle(runners: Sequence[Runner], monitor: psycopg.Connection[Any]) -> tuple[int, ...]:
    """Return those that can go: they stand at a stop. When all others wait for a lock, one of them gives up by itself.

    Raises:
        BaseException: What a runner has failed with.
    """
    until = time.monotonic() + MOST_SECONDS
    while time.monotonic() < until:
        for one in runners:
            _wait(one, monitor)
            if one.failed:
                raise one.failed
        able = tuple(place for place, one in enumerate(runners) if one.stopped and not one.ended)
        if able or all(one.ended for one in runners):
            return able
        time.sleep(LOOK_SECONDS)
    raise Stuck


def _wait(runner: Runner, monitor: psycopg.Connection[Any]) -> None:
    """Wait until a runner stands at a stop, has ended, or waits for a lock.

    Raises:
        Stuck: It does none of these.
    """
    until = time.monotonic() + MOST_SECONDS
    while not runner.look(LOOK_SECONDS):
        row = monitor.execute(_BLOCKED, [runner.backend]).fetchone()
        if row and row[0] and not runner.look(0):
            return
        if time.monotonic() > until:
            raise Stuck


def follow(order: str) -> Choose:
    """Return what chooses the doers of an order, such as `0110`; after its end, who went goes on."""

    def choose(step: int, able: Sequence[int], last: int | None) -> int:
        wanted = int(order[step]) if step < len(order) else last
        return wanted if wanted is not None and wanted in able else able[0]

    return choose


def write_order(choices: Sequence[Choice]) -> str:
    """Return the order of some choices, as `follow` reads it."""
    return "".join(str(choice.went) for choice in choices)


@dataclass(frozen=True, order=True)
class Beginning:
    """The beginning of an order, by which the most telling orders come first.

    Args:
        forced: How often a doer is interrupted that could have gone on.
        plain: Whether the last of them has no open transaction.
        steps: Its length: what is interrupted early comes first.
        order: Who goes, step by step.
    """

    forced: int
    plain: bool
    steps: int
    order: str


def vary(choices: Sequence[Choice], begun: int, most_forced: int | None) -> list[Beginning]:
    """Return the beginnings of all other orders that differ first after a beginning.

    Args:
        choices: Of the run with this beginning.
        begun: The length of the beginning, which stays.
        most_forced: How often a doer may be interrupted that could have gone on; None for any number.
    """
    found = []
    for place in range(begun, len(choices)):
        before, here = choices[:place], choices[place]
        for other in here.able:
            forced = sum(one.forced for one in before) + Choice(here.able, other, here.last).forced
            if other != here.went and (most_forced is None or forced <= most_forced):
                found.append(Beginning(forced, not here.held, place + 1, write_order(before) + str(other)))
    return found
