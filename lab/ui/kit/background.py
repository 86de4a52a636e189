"""Checks in the background: with progress, and a way to cancel them."""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Generic, Literal, TypeVar

import psycopg

from lab.database.cancel import Interruption
from lab.database.connect import DatabaseUnavailable
from lab.text.errors import LabError

log = logging.getLogger(__name__)
Result = TypeVar("Result")
RunState = Literal["running", "done", "failed", "cancelled"]
StepState = Literal["waiting", "running", "done"]


class RunCancelled(Exception):
    """The run was cancelled."""


class Run(Generic[Result]):
    """One check in a thread of its own: running, then done, failed or cancelled for good.

    Args:
        target: Names what is checked.
        steps: Id and title of each step, in their order.
        work: Does the check; calls `begin` and `end` around each step, and returns the result.
        clock: Tells seconds.

    Attributes:
        state: Where it stands.
        reason: Why it failed, with the next step; holds no URL and no password.
        result: The result, once it is done.
    """

    def __init__(
        self,
        target: str,
        steps: Sequence[tuple[str, str]],
        work: "Callable[[Run[Result]], Result]",
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.target, self.reason = target, ""
        self.result: Result | None = None
        self.state: RunState = "running"
        self._titles = dict(steps)
        self._states: dict[str, StepState] = dict.fromkeys(self._titles, "waiting")
        self._work, self._clock, self._lock = work, clock, Lock()
        self._started, self._ended = clock(), 0.0
        self._interruption, self._sealed = Interruption(), False

    @property
    def running(self) -> bool:
        """Tell whether it still runs."""
        return self.state == "running"

    @property
    def seconds(self) -> float:
        """Return how long it has taken so far, or took."""
        return (self._ended or self._clock()) - self._started

    @property
    def steps(self) -> tuple[tuple[str, StepState], ...]:
        """Return the title and state of each step."""
        return tuple((title, self._states[id_]) for id_, title in self._titles.items())

    @property
    def share(self) -> float:
        """Return the share of finished steps, from 0 to 1."""
        done = sum(state == "done" for state in self._states.values())
        return done / len(self._states) if self._states else 0.0

    def start(self) -> None:
        """Begin in the background."""
        Thread(target=self.work, name="readiness", daemon=True).start()

    def work(self) -> None:
        """Do the check, and keep its result; never raises."""
        try:
            with self._interruption.watch():
                result = self._work(self)
        except RunCancelled:
            return
        except Exception as error:  # the thread's last stand: whatever it is, a page must say so
            if self.running:  # or else it is the cancelling that made it fail
                self._settle("failed", reason=explain_failure(error, self.target))
        else:
            self._settle("done", result=result)

    def cancel(self) -> None:
        """Cancel it at once: its result is dropped, and its connections are cut in the background."""
        self._settle("cancelled")
        if self.state == "cancelled":
            Thread(target=self._interruption.cut, name="cancelling", daemon=True).start()

    def seal(self) -> None:
        """Refuse to be cancelled from here on: the result is about to be kept.

        Raises:
            RunCancelled: It was cancelled before.
        """
        with self._lock:
            if self.state != "running":
                raise RunCancelled
            self._sealed = True

    def begin(self, step: str) -> None:
        """Mark a step as running.

        Raises:
            RunCancelled: The run was cancelled meanwhile.
        """
        if not self.running:
            raise RunCancelled(step)
        self._states[step] = "running"

    def end(self, step: str) -> None:
        """Mark a step as done."""
        self._states[step] = "done"

    @contextmanager
    def step(self, step: str) -> Iterator[None]:
        """Mark a step as running, and at the end as done.

        Raises:
            RunCancelled: The run was cancelled meanwhile.
        """
        self.begin(step)
        try:
            yield
        finally:
            self.end(step)

    def _settle(self, state: RunState, *, reason: str = "", result: Result | None = None) -> None:
        with self._lock:
            if self.state == "running" and not (self._sealed and state == "cancelled"):
                self._ended = self._clock()
                self.reason, self.result, self.state = reason, result, state


def explain_failure(error: Exception, target: str) -> str:
    """Return the words of an error that was written for people; any other may quote a URL or a row, so only its kind.

    A target that cannot be reached is named without its host.
    """
    if isinstance(error, DatabaseUnavailable):
        return str(DatabaseUnavailable(target, error.found, error.next_step))
    if isinstance(error, LabError):
        return str(error)
    log.warning("a check ended with %s", type(error).__name__)
    if isinstance(error, psycopg.Error):
        return "The connection to the database was lost. Check that it is reachable, and run the check again."
    return f"The check failed: {type(error).__name__}. Run “python -m lab check” in a terminal to see the reason."


class Runs(Generic[Result]):
    """The newest run on each target, for all sessions: one at a time."""

    def __init__(self) -> None:
        self._runs: dict[str, Run[Result]] = {}
        self._done: dict[str, Run[Result]] = {}
        self._lock = Lock()

    def find(self, target: str) -> Run[Result] | None:
        """Return the newest run on a target."""
        return self._runs.get(target)

    def find_done(self, target: str) -> Run[Result] | None:
        """Return the newest run on a target that came to an end, also when a later one failed or was cancelled."""
        held = self._runs.get(target)
        return held if held is not None and held.state == "done" else self._done.get(target)

    def start(self, run: Run[Result]) -> Run[Result]:
        """Start a run, unless one on its target is running: then return that one."""
        with self._lock:
            held = self._runs.get(run.target)
            if held is not None and held.running:
                return held
            if held is not None and held.state == "done":
                self._done[run.target] = held
            self._runs[run.target] = run
        run.start()
        return run
