"""Processes the events that were received: each is claimed, looked up at Stripe, applied, and finished."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import stripe

from lab.services.acting import acting_as_server
from lab.services.billing.checkout import find_session
from lab.services.billing.fulfil import fulfil
from lab.services.billing.stripe_client import is_missing, plain

# Types whose object belongs to a checkout; every other type is recorded and has no effect.
ABOUT_PAYMENTS = ("checkout.session.", "payment_intent.", "charge.", "refund.", "radar.early_fraud_warning.")
WARNING = "radar.early_fraud_warning."


@dataclass(frozen=True)
class ClaimedEvent:
    """An event and the lease on it."""

    id: str
    type: str
    object_id: str | None
    checkout_session_id: str | None
    payload: Mapping[str, Any] = field(repr=False)
    attempts: int
    lease_token: UUID = field(repr=False)


@dataclass(frozen=True)
class Ending:
    """How the processing of an event ends: done, ignored, failed or needs_review, with a short code of the error."""

    outcome: str
    error_class: str | None = None


def process_events(
    client: stripe.StripeClient, connection: psycopg.Connection[Any], *, worker: str, livemode: bool, most: int = 10
) -> list[tuple[str, Ending]]:
    """Process the events that are due, and return how each ended.

    A worker that stops between two statements loses nothing: its events are claimed again when their leases end.

    Args:
        client: The official client, with a key of the same mode.
        connection: A connection without an open transaction, whose login may act as the site's server.
        worker: Name of the worker, such as host:4711.
        livemode: The mode of the key; events of the other mode are left alone.
        most: Maximum number of events.

    Raises:
        psycopg.OperationalError: The database cannot be reached; the events are claimed again later.
    """
    ended = []
    for event in claim_events(connection, worker, livemode, most):
        ending = process_event(client, connection, event)
        finish_event(connection, event, ending)
        ended.append((event.id, ending))
    return ended


def claim_events(
    connection: psycopg.Connection[Any], worker: str, livemode: bool, most: int
) -> tuple[ClaimedEvent, ...]:
    """Claim due events, and commit the claim."""
    with acting_as_server(connection):
        claim = "select * from public.claim_stripe_events(%s, %s, %s)"
        return tuple(ClaimedEvent(*row) for row in connection.execute(claim, [worker, livemode, most]))


def finish_event(connection: psycopg.Connection[Any], event: ClaimedEvent, ending: Ending) -> bool:
    """End the processing of an event; returns False when its lease had ended and another worker has it."""
    with acting_as_server(connection):
        finish = "select public.finish_stripe_event(%s, %s, %s, %s)"
        row = connection.execute(finish, [event.id, event.lease_token, ending.outcome, ending.error_class]).fetchone()
        return bool(row and row[0])


def process_event(client: stripe.StripeClient, connection: psycopg.Connection[Any], event: ClaimedEvent) -> Ending:
    """Apply an event to its purchase. What may pass by itself is tried again, everything else waits for a person."""
    if not event.type.startswith(ABOUT_PAYMENTS):
        return Ending("ignored")
    try:
        session_id = event.checkout_session_id or _find_session(client, event)
        if session_id is None:
            return Ending("ignored")
        outcome = fulfil(client, connection, session_id)
        if event.type.startswith(WARNING):
            _review_warning(client, connection, event, session_id)
    except stripe.StripeError as error:
        return explain_stripe(error)
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        return _explain_database(error)
    return Ending("failed", "order.unknown") if outcome == "unknown" else Ending("done")


def _find_session(client: stripe.StripeClient, event: ClaimedEvent) -> str | None:
    """Return the session of an event about a payment, a charge, a refund, a dispute or a warning."""
    return next((found for payment in _payments(client, event) if (found := find_session(client, payment))), None)


def _payments(client: stripe.StripeClient, event: ClaimedEvent) -> Iterator[str]:
    thing = event.payload.get("data", {}).get("object", {})
    if event.object_id and event.object_id.startswith("pi_"):
        yield event.object_id
    elif payment := thing.get("payment_intent"):
        yield payment
    elif charge := thing.get("charge"):
        known = plain(client.v1.charges.retrieve(charge)).get("payment_intent")
        yield from [known] if known else []


def _review_warning(
    client: stripe.StripeClient, connection: psycopg.Connection[Any], event: ClaimedEvent, session_id: str
) -> None:
    """Ask a person about a payment that a bank suspects, while a refund can still prevent a dispute.

    Source: https://docs.stripe.com/api/radar/early_fraud_warnings/object (actionable).
    """
    warning = plain(client.v1.radar.early_fraud_warnings.retrieve(event.object_id or ""))
    if warning["actionable"]:
        with acting_as_server(connection):
            review = (
                "select public.review_payment(%s, 'fraud_warning',"
                " (select p.id from public.purchases p where p.checkout_session_id = %s))"
            )
            connection.execute(review, [session_id, session_id])


def explain_stripe(error: stripe.StripeError) -> Ending:
    """Return the ending with a code of our own: Stripe's words may quote the key."""
    if isinstance(error, stripe.InvalidRequestError):
        return Ending("needs_review", "stripe.missing" if is_missing(error) else "stripe.refused")
    codes = {
        stripe.AuthenticationError: "stripe.key_refused",
        stripe.PermissionError: "stripe.no_permission",
        stripe.RateLimitError: "stripe.rate_limit",
        stripe.APIConnectionError: "stripe.unreachable",
    }
    return Ending("failed", next((code for kind, code in codes.items() if isinstance(error, kind)), "stripe.error"))


def _explain_database(error: psycopg.Error) -> Ending:
    """Tell what another attempt may solve from what a person must; the server's words are not kept."""
    state = (error.sqlstate or "").lower()
    if state[:2] in ("40", "53", "55", "57"):  # serialization and deadlock, resources, locks, interruptions
        return Ending("failed", f"database.{state}")
    return Ending("needs_review", f"database.{state}" if state else "database.error")
