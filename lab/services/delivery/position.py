"""Where a worker is in the queue, so that its claims never read again what was claimed before.

While an old transaction is open anywhere in the database, the entries of claimed jobs stay in the index. A claim from
the front reads all of them, and a claim behind a finished job reads none. A job can still come before that one: its
transaction took longer, its channel was stopped, or it is more urgent. So the worker looks from the front now and
then, and the longer a look takes, the rarer it becomes.
"""

import time
from collections.abc import Callable

LOOK_SECONDS = 0.25  # at least from one look to the next
LOOK_SHARE = 20  # a look takes at most this part of the time; the claim after it may read the same entries once more


class Position:
    """The job behind which the next claim begins.

    Args:
        clock: Returns seconds that never go back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._job: int | None = None
        self._next_look = self._begun = 0.0
        self._looks = True

    def begin(self) -> int | None:
        """Begin a step: return the job behind which it looks; None when it looks from the front."""
        self._begun = self._clock()
        self._looks = self._job is None or self._begun >= self._next_look
        return self.after

    @property
    def after(self) -> int | None:
        """Return the job behind which the current step looks; None when it looks from the front."""
        return None if self._looks else self._job

    def end(self) -> None:
        """End what the step reads: if that was a look from the front, the next one is due after a pause."""
        if self._looks:
            now = self._clock()
            self._next_look = now + max(LOOK_SECONDS, LOOK_SHARE * (now - self._begun))

    def hurry(self) -> None:
        """Look from the front at the next step: nothing is left behind the job."""
        self._next_look = 0.0

    def move(self, job: int) -> None:
        """Go behind a job. It is done, so its place never changes; that of a job that is tried again does."""
        self._job = job

    @property
    def look_in(self) -> float | None:
        """Return the seconds until the next look from the front; None after a step that was one."""
        return None if self._looks else max(0.0, self._next_look - self._clock())
