"""What each scheduled task does. A run that is repeated, or that two workers do at once, changes nothing more."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import stripe

from lab.rules import schedule
from lab.services.acting import acting_as_server
from lab.services.billing.event_store import record_missing
from lab.services.billing.processing import process_events
from lab.services.billing.reconcile import reconcile
from lab.services.billing.refusal import Refused, Unavailable
from lab.services.worker.site import Site
from lab.services.worker.stopping import Stop

EVENTS = 10  # in one run, so that a run ends within its lease
PRUNED = 500  # ended jobs that are looked at in one transaction
RECENT_DAYS, ALL_DAYS = 3, 60
OF_STRIPE = "stripe."  # the beginning of error classes that mean Stripe itself


class TaskFailed(Exception):
    """A run failed; the error class is a short code.

    Args:
        error_class: The code.
        summary: What was done before.
    """

    def __init__(self, error_class: str, summary: str = "") -> None:
        super().__init__(error_class)
        self.error_class, self.summary = error_class, summary


class TaskStopped(Exception):
    """A run ended early, because its worker stops. Another worker may go on at once."""


@dataclass(frozen=True, kw_only=True)
class Work:
    """What a run works with.

    Args:
        site: The database, the key and the worker.
        connection: A connection without an open transaction.
        stop: A request to stop; a long run looks at it between two steps.
    """

    site: Site
    connection: psycopg.Connection[Any]
    stop: Stop

    @property
    def client(self) -> stripe.StripeClient:
        """Return the client of a task that asks Stripe.

        Raises:
            TaskFailed: There is no key.
        """
        if self.site.client is None:
            raise TaskFailed("stripe.no_key")
        return self.site.client

    def go_on(self) -> None:
        """End the run here if the worker stops.

        Raises:
            TaskStopped: It does.
        """
        if self.stop.asked:
            raise TaskStopped


def process_stripe_events(work: Work) -> str:
    """Process due events one by one, so that no claimed event waits when the worker stops.

    Raises:
        TaskFailed: Stripe did not answer. Further events would only lose an attempt.
    """
    ended: Counter[str] = Counter()
    for _ in range(EVENTS):
        if work.stop.asked:
            break
        done = process_events(
            work.client, work.connection, worker=work.site.worker, livemode=work.site.livemode, most=1
        )
        if not done:
            break
        (_, ending), *_ = done
        ended[ending.outcome] += 1
        if ending.outcome == "failed" and (ending.error_class or "").startswith(OF_STRIPE):
            raise TaskFailed(str(ending.error_class), _count(ended))
    return _count(ended)


def _count(ended: Counter[str]) -> str:
    told = ", ".join(f"{count} {outcome}" for outcome, count in ended.items())
    return f"{ended.total()} event{'s' * (ended.total() != 1)}: {told}" if ended else ""


def reconcile_payments(work: Work) -> str:
    """Settle what is missing of the last days."""
    return _reconcile(work, RECENT_DAYS)


def reconcile_all_payments(work: Work) -> str:
    """Settle what is missing of the whole time."""
    return _reconcile(work, ALL_DAYS)


def _reconcile(work: Work, days: int) -> str:
    """Compare and settle; an event that the database refuses does not keep the others from being recorded.

    Raises:
        TaskFailed: An event was refused, or there was more than is read.
        TaskStopped: The worker stops.
    """
    refused: list[str] = []
    record = record_missing(work.site.url)

    def keep(thing: dict[str, Any]) -> None:
        work.go_on()
        try:
            record(thing)
        except Unavailable:
            raise TaskFailed("database.unavailable") from None
        except Refused as reason:
            refused.append(reason.code)

    since = datetime.now(UTC) - timedelta(days=days)
    found = reconcile(work.client, work.connection, since=since, apply=True, record=keep, between=work.go_on)
    counted = Counter(one.outcome or "left" for one in found.differences)
    summary = ", ".join(f"{count} {outcome}" for outcome, count in counted.items())
    if refused:
        raise TaskFailed("event.refused", summary)
    if not found.whole:
        raise TaskFailed("reconcile.too_much", summary)
    return summary


def recover_deliveries(work: Work) -> str:
    """Return the jobs of stopped workers to the queue."""
    with acting_as_server(work.connection):
        row = work.connection.execute("select public.reap_delivery_leases()").fetchone()
    count = row[0] if row else 0
    return f"{count} job{'s' * (count != 1)} recovered" if count else ""


def seal_ledgers(work: Work) -> str:
    """Add new entries to the hash chain."""
    with acting_as_server(work.connection):
        rows = work.connection.execute("select s.ledger, s.sealed from public.seal_ledgers() s").fetchall()
    return ", ".join(f"{ledger}: {sealed} sealed" for ledger, sealed in rows if sealed)


def list_withdrawn_files(work: Work) -> str:
    """List the files of withdrawn artifacts for deletion; the delivery lane deletes what is listed."""
    with acting_as_server(work.connection):
        row = work.connection.execute("select public.list_withdrawn_files()").fetchone()
    count = row[0] if row else 0
    return f"{count} file{'s' * (count != 1)} listed for deletion" if count else ""


def prune_deliveries(work: Work) -> str:
    """Take away jobs that ended long ago, in small steps.

    Raises:
        TaskStopped: The worker stops.
    """
    pruned, reached = 0, (None, None)
    while True:
        work.go_on()
        with acting_as_server(work.connection):
            row = work.connection.execute(_PRUNE, [PRUNED, *reached]).fetchone() or (0, None, None)
        pruned, reached = pruned + row[0], (row[1], row[2])
        if reached[1] is None:
            return f"{pruned} job{'s' * (pruned != 1)} pruned" if pruned else ""


_PRUNE = "select pruned, reached_time, reached_job from public.prune_deliveries(%s, %s, %s)"

TASKS: dict[str, Callable[[Work], str]] = {
    schedule.process_stripe_events.id: process_stripe_events,
    schedule.recover_deliveries.id: recover_deliveries,
    schedule.seal_ledgers.id: seal_ledgers,
    schedule.reconcile_payments.id: reconcile_payments,
    schedule.reconcile_all_payments.id: reconcile_all_payments,
    schedule.list_withdrawn_files.id: list_withdrawn_files,
    schedule.prune_deliveries.id: prune_deliveries,
}
