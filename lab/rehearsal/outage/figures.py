"""The queue's own figures, read from where they are in force, and how long the work takes.

The pause after a failure is read from the function that draws it, so a change of it changes every forecast.
"""

import re
from dataclasses import dataclass

from lab.rules import RULES
from lab.rules.schedule import recover_deliveries
from lab.services.delivery.drain import BATCH, LEASE_SECONDS, POLL_SECONDS
from lab.services.mail.smtp import TIMEOUT_SECONDS
from lab.sql.functions import create_function
from lab.text.errors import LabError

_PAUSE = re.compile(r"random\(\) \* least\((\d+), (\d+) \* power\(2, least\(j\.attempts, (\d+)\)\)\)")


class FiguresOutdated(LabError):
    """The pause after a failed attempt is written in a way that forecasts cannot read."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """How long one piece of work takes.

    Args:
        seconds: Its time.
        source: Where the figure comes from.
    """

    seconds: float
    source: str


SEND = Service(seconds=0.3, source="Assumed: one TLS session and one SMTP transaction; measure your provider")
REFUSAL = Service(seconds=0.1, source="Assumed: a provider that is gone refuses the connection at once")
TIMEOUT = Service(seconds=TIMEOUT_SECONDS, source="lab.services.mail: the longest wait for an answer of the provider")
RENDER = Service(seconds=0.03, source="docs/benchmarks.md: one reading as PDF/UA, 23 to 28 ms, and its upload")
STATEMENT = Service(seconds=0.005, source="docs/benchmarks.md: one commit of the queue")


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What decides how fast a queue recovers.

    Args:
        base_seconds: The limit of the pause before it is doubled with each attempt.
        cap_seconds: The highest limit of the pause.
        doublings: The highest number of doublings.
        budgets: The most attempts of each channel.
        lease_seconds: For how long a worker holds a job.
        batch: How many jobs a worker claims at once.
        poll_seconds: How long an idle worker waits at most; so late it can begin what is due.
        recovery_seconds: How often expired leases are recovered.
    """

    base_seconds: int
    cap_seconds: int
    doublings: int
    budgets: dict[str, int]
    lease_seconds: int = LEASE_SECONDS
    batch: int = BATCH
    poll_seconds: float = POLL_SECONDS
    recovery_seconds: int = recover_deliveries.every_seconds

    def limit(self, attempt: int) -> float:
        """Return the longest pause after an attempt, in seconds; the pause is drawn evenly below it."""
        return float(min(self.cap_seconds, self.base_seconds * 2 ** min(attempt, self.doublings)))

    def count_attempts(self, seconds: float) -> int:
        """Return how many attempts a job is likely to begin within a time in which each one fails."""
        attempts, passed = 1, self.limit(1) / 2
        while passed < seconds and attempts < max(self.budgets.values()):
            attempts += 1
            passed += self.limit(attempts) / 2
        return attempts


def read_figures() -> Figures:
    """Return the figures of the queue as its functions and rules have them.

    Raises:
        FiguresOutdated: `end_attempt` draws its pause in another way.
    """
    text = create_function(next(one for one in RULES.functions if one.id == "end_attempt"))
    found = _PAUSE.search(text)
    if not found:
        raise FiguresOutdated(
            "end_attempt",
            "Its pause is not random() * least(cap, base * 2^attempts)",
            "Change lab/rehearsal/outage/figures.py",
        )
    cap, base, doublings = map(int, found.groups())
    budgets = {job.id: job.max_attempts for job in RULES.jobs}
    return Figures(base_seconds=base, cap_seconds=cap, doublings=doublings, budgets=budgets)
