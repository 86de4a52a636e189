"""Begins a sale: the order is written first, so that no payment can arrive without one."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psycopg
import stripe

from lab.services.acting import acting_as_server
from lab.services.billing.stripe_client import plain
from lab.services.billing.withdrawal import record_waiver


@dataclass(frozen=True, kw_only=True)
class Order:
    """What is ordered; the same order id opens the same purchase and the same checkout again.

    Args:
        order_id: Id of the purchase, drawn by the caller before the first attempt.
        purchase_link_id: Product and price.
        buyer: The buyer; None for a guest.
        recipient: The person it is bought for; None for the buyer.
        scroll_id: The reading that it belongs to; None when there is none.
        quantity: Number of pieces.
        buyer_kind: One of `BUYER_KINDS`; an unknown buyer has the rights of a consumer in the EU.
        waiver: The wording of the waiver that the buyer agreed to; None for a buyer who keeps the right of withdrawal.
    """

    order_id: UUID
    purchase_link_id: UUID
    buyer: UUID | None = None
    recipient: UUID | None = None
    scroll_id: UUID | None = None
    quantity: int = 1
    buyer_kind: str = "unknown"
    waiver: UUID | None = None


@dataclass(frozen=True)
class OpenCheckout:
    """A checkout that was begun, and where the buyer pays.

    Args:
        session_id: Stripe's id of the session.
        url: Where the buyer pays.
        confirmation: What a buyer who agreed to the waiver must be given to keep, before they pay; None for any other.
    """

    session_id: str
    url: str
    confirmation: str | None = None


def begin_sale(
    client: stripe.StripeClient, connection: psycopg.Connection[Any], order: Order, *, success_url: str, cancel_url: str
) -> OpenCheckout:
    """Open the purchase, then the checkout at Stripe, and connect the two.

    Whatever fails, the same call may be made again within a day: the order is opened once, and Stripe answers the same
    idempotency key with the same session. Stripe is told only ids that mean nothing elsewhere.

    Args:
        client: The official client.
        connection: A connection without an open transaction, whose login may act as the site's server.
        order: What is ordered.
        success_url: Where the buyer returns to; Stripe fills in {CHECKOUT_SESSION_ID}.
        cancel_url: Where the buyer returns to without paying.

    Raises:
        stripe.StripeError: Stripe cannot be asked. The order is kept, and the sale can be begun again.
        psycopg.Error: The database does not take the order, or cannot be reached.
    """
    price, confirmation = _open_purchase(connection, order)
    session = plain(
        client.v1.checkout.sessions.create(
            {
                "mode": "payment",
                "line_items": [{"price": price, "quantity": order.quantity}],
                "client_reference_id": str(order.order_id),
                "metadata": {"order_id": str(order.order_id)},
                "success_url": success_url,
                "cancel_url": cancel_url,
            },
            {"idempotency_key": make_key(order.order_id)},
        )
    )
    with acting_as_server(connection):
        connection.execute("select public.begin_checkout(%s, %s)", [order.order_id, session["id"]])
    return OpenCheckout(session["id"], session["url"], confirmation)


def make_key(order_id: UUID) -> str:
    """Return the idempotency key of an order's checkout, the same in every attempt."""
    return f"order-{order_id}"


def _open_purchase(connection: psycopg.Connection[Any], order: Order) -> tuple[str, str | None]:
    """Open the purchase, with the buyer's waiver, and commit it; returns its Price ID and the waiver's confirmation."""
    opening = "select public.open_purchase(%s, %s, %s, %s, %s, %s, %s)"
    values = [
        order.order_id,
        order.purchase_link_id,
        order.buyer,
        order.recipient,
        order.scroll_id,
        order.quantity,
        order.buyer_kind,
    ]
    with acting_as_server(connection):
        connection.execute(opening, values)
        confirmation = record_waiver(connection, order.order_id, order.waiver) if order.waiver else None
        price = "select l.stripe_price_id from public.purchase_links l where l.id = %s"
        row = connection.execute(price, [order.purchase_link_id]).fetchone()
        return str(row[0] if row else ""), confirmation
