"""What a worker works with, and the name under which it leases tasks."""

import os
import socket
from dataclasses import dataclass, field

import stripe

from lab.rules.model import ScheduledTask
from lab.rules.tables.schedule import LIVE, NO_STRIPE, TEST


@dataclass(frozen=True, kw_only=True)
class Site:
    """What the tasks of a worker work with.

    Args:
        url: The database's URL; its login may act as the site's server. A pooler in transaction mode works.
        worker: The worker's name, such as host:4711.
        client: The official client; None without a key, so that tasks that ask Stripe do not run.
        livemode: The mode of the key.
    """

    url: str = field(repr=False)
    worker: str
    client: stripe.StripeClient | None = None
    livemode: bool = False

    def can_run(self, task: ScheduledTask) -> bool:
        """Tell whether the worker has what a task needs."""
        return self.client is not None or not task.asks_stripe

    def mode_of(self, task: ScheduledTask) -> str:
        """Return the mode in which a task runs: that of the key, none for a task without Stripe."""
        if not task.asks_stripe:
            return NO_STRIPE
        return LIVE if self.livemode else TEST


def name_worker() -> str:
    """Return the name of this process as the database takes it: the machine's name and the process id."""
    kept = "".join(sign for sign in socket.gethostname().lower() if sign.isascii() and (sign.isalnum() or sign in ".-"))
    return f"{kept[:40].strip('.-') or 'host'}:{os.getpid()}"
