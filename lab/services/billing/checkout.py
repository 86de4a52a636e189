"""A checkout session as Stripe has it now: read afresh, because events arrive twice, late and in any order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import stripe

from lab.rules.tables.money_back import DISPUTE_REASONS, OTHER, REFUND_FAILURES, REFUND_REASONS
from lab.services.billing.stripe_client import Thing, plain

EXPANDED = ["line_items", "payment_intent.latest_charge"]
NOTHING_LEFT = ("paid", "no_payment_required")  # states of the payment of a completed checkout
FAILED = ("requires_payment_method", "canceled")  # of the payment of a completed checkout: it was refused afterwards


@dataclass(frozen=True, kw_only=True)
class Refund:
    """A refund, as `record_refund` takes it; amounts in the currency's smallest unit."""

    refund_id: str
    payment_intent_id: str
    amount_minor: int
    currency: str
    status: str
    stripe_created_at: datetime
    charge_id: str | None
    reason: str | None
    failure_reason: str | None


@dataclass(frozen=True, kw_only=True)
class Dispute:
    """A dispute, as `record_dispute` takes it; the amount in the currency's smallest unit."""

    dispute_id: str
    payment_intent_id: str
    amount_minor: int
    currency: str
    status: str
    stripe_created_at: datetime
    charge_id: str | None
    reason: str | None
    evidence_due_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Checkout:
    """A session, as `settle_purchase` takes it; amounts in the currency's smallest unit.

    Args:
        session_id: Stripe's id of the session.
        state: open, processing, paid, failed or expired.
        livemode: False for test money.
        price_ids: The Price ID of each line.
        quantities: The number of pieces of each line.
        subtotal_minor: The lines' sum before discounts and taxes.
        received_minor: What is paid.
        currency: As Stripe writes it, in lower case.
        order_id: The purchase that the session names; None when it names none.
        payment_intent_id: None before the payment, and when nothing is due.
        charge_id: The payment's newest charge.
    """

    session_id: str
    state: str
    livemode: bool
    price_ids: list[str]
    quantities: list[int]
    subtotal_minor: int
    received_minor: int
    currency: str
    order_id: UUID | None
    payment_intent_id: str | None
    charge_id: str | None


def read_checkout(client: stripe.StripeClient, session_id: str) -> Checkout:
    """Read a session with its lines and its payment.

    Raises:
        stripe.StripeError: Stripe cannot be asked, or has no such session in this mode.
    """
    session = plain(client.v1.checkout.sessions.retrieve(session_id, {"expand": [*EXPANDED]}))
    lines = session["line_items"]["data"]
    payment = session.get("payment_intent") or {}
    return Checkout(
        session_id=session["id"],
        state=read_state(session, payment.get("status")),
        livemode=session["livemode"],
        price_ids=[line["price"]["id"] for line in lines],
        quantities=[line["quantity"] for line in lines],
        subtotal_minor=session["amount_subtotal"],
        received_minor=session["amount_total"],
        currency=session["currency"],
        order_id=_read_order(session),
        payment_intent_id=payment.get("id"),
        charge_id=_id(payment.get("latest_charge")),
    )


def read_state(session: Thing, payment_status: str | None) -> str:
    """Return what became of a checkout. A completed one may still wait for its money, or never get it.

    Source: https://docs.stripe.com/checkout/fulfillment, and the states of a PaymentIntent.
    """
    if session["status"] != "complete":
        return "expired" if session["status"] == "expired" else "open"
    if session["payment_status"] in NOTHING_LEFT:
        return "paid"
    return "failed" if payment_status in FAILED else "processing"


def read_refunds(client: stripe.StripeClient, payment_intent_id: str) -> list[Refund]:
    """Read every refund of a payment, in Stripe's present states."""
    query: Any = {"payment_intent": payment_intent_id, "limit": 100}
    return [
        Refund(
            refund_id=refund["id"],
            payment_intent_id=payment_intent_id,
            amount_minor=refund["amount"],
            currency=refund["currency"],
            status=refund["status"],
            stripe_created_at=_moment(refund["created"]),
            charge_id=_id(refund.get("charge")),
            reason=_listed(refund.get("reason"), REFUND_REASONS),
            failure_reason=_listed(refund.get("failure_reason"), REFUND_FAILURES),
        )
        for refund in _read_all(client.v1.refunds, query)
    ]


def read_disputes(client: stripe.StripeClient, payment_intent_id: str) -> list[Dispute]:
    """Read every dispute of a payment, in Stripe's present states."""
    query: Any = {"payment_intent": payment_intent_id, "limit": 100}
    return [
        Dispute(
            dispute_id=dispute["id"],
            payment_intent_id=payment_intent_id,
            amount_minor=dispute["amount"],
            currency=dispute["currency"],
            status=dispute["status"],
            stripe_created_at=_moment(dispute["created"]),
            charge_id=_id(dispute.get("charge")),
            reason=_listed(dispute.get("reason"), DISPUTE_REASONS),
            evidence_due_at=_read_deadline(dispute),
        )
        for dispute in _read_all(client.v1.disputes, query)
    ]


def find_session(client: stripe.StripeClient, payment_intent_id: str) -> str | None:
    """Return the session that a payment belongs to; None when it was not made in a checkout."""
    found = plain(client.v1.checkout.sessions.list({"payment_intent": payment_intent_id, "limit": 1}))["data"]
    return str(found[0]["id"]) if found else None


def _read_all(service: Any, query: Any) -> Iterable[Thing]:
    return (plain(thing) for thing in service.list(query).auto_paging_iter())


def _read_order(session: Thing) -> UUID | None:
    """Return the purchase that a session names: as its reference, or in its metadata when that is missing."""
    for name in (session.get("client_reference_id"), (session.get("metadata") or {}).get("order_id")):
        try:
            return UUID(name)
        except (TypeError, ValueError, AttributeError):
            continue
    return None


def _read_deadline(dispute: Thing) -> datetime | None:
    due = (dispute.get("evidence_details") or {}).get("due_by")
    return _moment(due) if due else None


def _listed(code: str | None, codes: tuple[str, ...]) -> str | None:
    """Return a code of Stripe that the table lists, and `other` for any that came later."""
    return code if code is None or code in codes else OTHER


def _id(thing: Any) -> str | None:
    """Return the id of an object that is expanded or not."""
    found: str | None = thing["id"] if isinstance(thing, dict) else thing
    return found


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
