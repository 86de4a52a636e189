"""Fulfils a checkout: webhook, return page and reconciliation all call the same function, in any order and number."""

import re
from dataclasses import asdict
from typing import Any

import psycopg
import stripe

from lab.rules.forms import STRIPE_SESSION
from lab.services.acting import acting_as_server
from lab.services.billing.checkout import Checkout, Dispute, Refund, read_checkout, read_disputes, read_refunds

SETTLED = ("unlocked", "paid", "refunded", "disputed")


def fulfil(client: stripe.StripeClient, connection: psycopg.Connection[Any], session_id: str) -> str:
    """Read a session at Stripe and apply it, its refunds and its disputes to the purchase, in one transaction.

    Stripe is read before the transaction begins, so that no row is locked meanwhile.

    Returns:
        `unlocked`; `open`, `processing`, `failed` or `expired` as Stripe says; `review` when the payment does not fit
        its order and waits for a person; `paid` when it waits for one already; `refunded` or `disputed`; `unknown` when
        no order is known for it yet.

    Raises:
        stripe.StripeError: Stripe cannot be asked, or has no such session in this mode.
        psycopg.Error: The database cannot be reached, or does not take what Stripe says. Nothing is changed.
    """
    if not re.fullmatch(STRIPE_SESSION, session_id):  # as it comes from the address of a return page
        return "unknown"
    checkout = read_checkout(client, session_id)
    paid = checkout.payment_intent_id if checkout.state == "paid" else None
    refunds = read_refunds(client, paid) if paid else []
    disputes = read_disputes(client, paid) if paid else []
    return settle(connection, checkout, refunds, disputes)


def settle(
    connection: psycopg.Connection[Any], checkout: Checkout, refunds: list[Refund], disputes: list[Dispute]
) -> str:
    """Apply what was read at Stripe, in one transaction; returns as `fulfil` does."""
    with acting_as_server(connection):
        outcome = str(_call(connection, "settle_purchase", checkout))
        for refund in refunds:
            _call(connection, "record_refund", refund)
        for dispute in disputes:
            _call(connection, "record_dispute", dispute)
        if outcome in SETTLED and (refunds or disputes):  # which may have changed the purchase
            return str(_call(connection, "settle_purchase", checkout))
    return outcome


def _call(connection: psycopg.Connection[Any], function: str, given: Checkout | Refund | Dispute) -> Any:
    """Call a function of the wall with the fields of a value as its named arguments."""
    values = asdict(given)
    names = ", ".join(f"{name} => %({name})s{_CASTS.get(name, '')}" for name in values)
    row = connection.execute(f"select public.{function}({names})", values).fetchone()
    return row[0] if row else None


_CASTS = {
    "price_ids": "::text[]",
    "quantities": "::integer[]",
    "order_id": "::uuid",
    "evidence_due_at": "::timestamptz",
}
