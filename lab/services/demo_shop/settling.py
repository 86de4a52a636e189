"""Settles what Stripe has, again and again, where no webhook can reach this machine."""

import contextlib
import logging
import threading
from collections.abc import Iterator
from datetime import UTC, datetime

import psycopg
import stripe

from lab.database.connect import DatabaseUnavailable, connect
from lab.services.billing.event_store import record_missing
from lab.services.billing.processing import explain_stripe
from lab.services.billing.reconcile import reconcile

log = logging.getLogger(__name__)
SETTLE_SECONDS = 5.0  # four lists each time, far below Stripe's limit of requests


@contextlib.contextmanager
def settling(client: stripe.StripeClient, database_url: str) -> Iterator[None]:
    """Reconcile everything since now, in a thread, until the block ends.

    Args:
        client: The client of Stripe's test mode.
        database_url: A login that may act as the site's server.
    """
    ending, since = threading.Event(), datetime.now(UTC)

    def run() -> None:
        while not ending.wait(SETTLE_SECONDS):
            _settle(client, database_url, since)

    thread = threading.Thread(target=run, name="demo-settling", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


def _settle(client: stripe.StripeClient, database_url: str, since: datetime) -> None:
    """Reconcile once; a failure is a line of the log, and the next time may succeed."""
    try:
        with connect(database_url) as connection:
            reconcile(client, connection, since=since, apply=True, record=record_missing(database_url))
    except stripe.StripeError as error:
        log.warning("Stripe is asked again in a moment: %s", explain_stripe(error).error_class)
    except (psycopg.Error, DatabaseUnavailable) as error:
        log.warning("Payments are settled again in a moment: %s", type(error).__name__)
