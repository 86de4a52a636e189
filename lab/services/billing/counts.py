"""What a receiver has seen since its process started; counts and times alone."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import Lock

from lab.services.billing.refusal import Refused


@dataclass(kw_only=True)
class Counts:
    """What a receiver has seen.

    Attributes:
        received: Events that were stored for the first time.
        repeated: Deliveries of an event that was stored before.
        kept_aside: Deliveries of the other mode: stored, and not handed on.
        refused: Number of deliveries that were not stored, by the code of the answer.
        last_stored_at: When the latest delivery was stored; None before the first.
        clock_difference_seconds: How far Stripe's clock was ahead of this one at the latest signed delivery.
    """

    received: int = 0
    repeated: int = 0
    kept_aside: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    last_stored_at: datetime | None = None
    clock_difference_seconds: int | None = None
    _lock: Lock = field(default_factory=Lock, repr=False, compare=False)

    def copy(self) -> "Counts":
        """Return the counts of now, for another thread to read."""
        with self._lock:
            return replace(self, refused=self.refused.copy(), _lock=Lock())

    def add_stored(self, *, first: bool, aside: bool, now: float) -> None:
        """Count a delivery that was stored."""
        with self._lock:
            self.received += first
            self.repeated += not first
            self.kept_aside += aside
            self.last_stored_at = datetime.fromtimestamp(now, UTC)

    def add_refused(self, refused: Refused) -> None:
        """Count a delivery that was not stored."""
        with self._lock:
            self.refused[refused.code] += 1

    def note_clock(self, difference_seconds: int) -> None:
        """Note the difference of the clocks; only of a delivery whose signature is right."""
        with self._lock:
            self.clock_difference_seconds = difference_seconds
