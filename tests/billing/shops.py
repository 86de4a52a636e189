"""A shop with a database, a receiver and a Local Stripe, in which a test buys, pays and breaks things."""

import contextlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import stripe

from fixtures.servers import Database
from lab.database.connect import LimitedConnection, connect
from lab.services.billing.fulfil import fulfil
from lab.services.billing.processing import Ending, process_events
from lab.services.billing.sell import OpenCheckout, Order, begin_sale
from lab.services.billing.stripe_client import plain
from lab.services.local_stripe import LocalStripe
from tests.billing.served import Endpoint, serve_receiver
from tests.local_stripe.served import serve_briefly

WEAKENED: list[str] = []  # statements that take a guard of the database out, for `guards.py`
PRICE, CURRENCY = 4900, "eur"
SUCCESS, CANCEL = "https://shop.example/thanks?session={CHECKOUT_SESSION_ID}", "https://shop.example/shop"


@dataclass(frozen=True, kw_only=True)
class Shop:
    """Everything that a sale goes through.

    Args:
        local: The Local Stripe.
        client: The stock client for it.
        connection: The product's connection, of a login that may only become the server.
        admin: A connection of the superuser, to look and to break.
        endpoint: The receiver, to which the Local Stripe delivers.
        secret: The endpoint's secret.
        database: The database.
        person: A buyer.
        link: What is for sale.
        price: Its price at Stripe.
    """

    local: LocalStripe
    client: stripe.StripeClient
    connection: LimitedConnection
    admin: psycopg.Connection[Any]
    endpoint: Endpoint
    secret: str
    database: Database
    person: uuid.UUID
    link: uuid.UUID
    price: str

    def begin(self, **more: Any) -> tuple[uuid.UUID, str]:
        """Begin a sale; returns the order and the session."""
        order = Order(**{"order_id": uuid.uuid4(), "purchase_link_id": self.link, "buyer": self.person} | more)
        return order.order_id, self.open(order).session_id

    def open(self, order: Order) -> OpenCheckout:
        """Open the checkout of an order."""
        return begin_sale(self.client, self.connection, order, success_url=SUCCESS, cancel_url=CANCEL)

    def pay(self, session_id: str, method: str = "pm_card_visa") -> None:
        """Pay as the buyer does on the checkout page."""
        self.local.act("pay", session_id, payment_method=method)

    def buy(self, method: str = "pm_card_visa", **more: Any) -> tuple[uuid.UUID, str]:
        """Begin a sale and pay it."""
        order, session = self.begin(**more)
        self.pay(session, method)
        return order, session

    def receive(self) -> None:
        """Wait until every event was delivered to the receiver."""
        assert self.local.wait_for_deliveries()

    def process(self, *, hurry: bool = True) -> list[tuple[str, Ending]]:
        """Process what is due; `hurry` lets no time pass before another attempt."""
        if hurry:
            self.admin.execute("update public.stripe_events set next_attempt_at = now() where status <> 'processing'")
        return process_events(self.client, self.connection, worker="test:1", livemode=False, most=100)

    def deliver(self) -> dict[str, Ending]:
        """Receive and process everything; returns how each event ended."""
        self.receive()
        return dict(self.process())

    def fulfil(self, session_id: str) -> str:
        """Fulfil as the return page does."""
        return fulfil(self.client, self.connection, session_id)

    def purchase(self, order: uuid.UUID) -> dict[str, Any]:
        """Return a purchase."""
        cursor = self.admin.execute("select * from public.purchases where id = %s", [order])
        names = [column.name for column in cursor.description or ()]
        return dict(zip(names, cursor.fetchone() or (None,) * len(names), strict=True))

    def state(self, order: uuid.UUID) -> tuple[str, bool]:
        """Return the state of a purchase, and whether it is unlocked."""
        row = self.purchase(order)
        return row["status"], row["unlocked_at"] is not None

    def count(self, query: str, *values: Any) -> Any:
        """Return the first value of a query, as the superuser."""
        row = self.admin.execute(query.encode(), values).fetchone()
        return row[0] if row else None

    def unlocks(self, order: uuid.UUID) -> int:
        """Return how often a purchase was unlocked, by the audit trail."""
        lines = "select count(*) from public.admin_audit_events where action = 'purchase.unlocked' and object_id = %s"
        return int(self.count(lines, str(order)))

    def reviews(self) -> set[str]:
        """Return the reasons of the reviews that wait for a person."""
        rows = self.admin.execute("select reason from public.payment_reviews where status = 'open'")
        return {row[0] for row in rows}

    def session(self, session_id: str) -> dict[str, Any]:
        """Return a session as Stripe has it."""
        return plain(self.client.v1.checkout.sessions.retrieve(session_id))

    def events(self) -> set[str]:
        """Return the ids of all events at Stripe."""
        return {event.id for event in self.client.v1.events.list({"limit": 100}).auto_paging_iter()}


@contextlib.contextmanager
def open_shop(database: Database) -> Iterator[Shop]:
    """Open a shop that sells one thing, until the block ends."""
    with contextlib.ExitStack() as stack:
        local = stack.enter_context(serve_briefly(schedule=(0.05, 0.05, 0.05), settle_seconds=None))
        client = local.client()
        admin = stack.enter_context(psycopg.connect(database.admin_url, autocommit=True))
        for statement in WEAKENED:
            admin.execute(statement.encode())
        connection = stack.enter_context(connect(database.api_url))
        product = client.v1.products.create({"name": "Artifacts"})
        price = client.v1.prices.create({"product": product.id, "unit_amount": PRICE, "currency": CURRENCY})
        endpoint, secret = stack.enter_context(_serve_endpoint(client, database))
        yield Shop(
            local=local,
            client=client,
            connection=connection,
            admin=admin,
            endpoint=endpoint,
            secret=secret,
            database=database,
            person=add_person(admin),
            link=add_link(admin, product.id, price.id),
            price=price.id,
        )


@contextlib.contextmanager
def _serve_endpoint(client: stripe.StripeClient, database: Database) -> Iterator[tuple[Endpoint, str]]:
    """Serve the receiver with the secret of its endpoint at Stripe."""
    made = client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:9/", "enabled_events": ["*"]})
    secret = str(made.secret)
    with serve_receiver(database, secrets=(secret,)) as endpoint:
        client.v1.webhook_endpoints.update(made.id, {"url": f"http://127.0.0.1:{endpoint.port}/stripe/webhook"})
        yield endpoint, secret


def add_person(admin: psycopg.Connection[Any]) -> uuid.UUID:
    """Add somebody who may buy."""
    person = uuid.uuid4()
    admin.execute(
        "insert into auth.users (id, email, is_anonymous, aud, role)"
        " values (%s, %s, false, 'authenticated', 'authenticated')",
        [person, f"{person}@example.test"],
    )
    return person


def add_link(
    admin: psycopg.Connection[Any], product_id: str, price_id: str, amount: int = PRICE, currency: str = CURRENCY
) -> uuid.UUID:
    """Put something up for sale."""
    row = admin.execute(
        "with product as (insert into public.products (layer, stripe_product_id, title, livemode)"
        " values ('artifacts', %s, 'Artifacts', false)"
        " on conflict (stripe_product_id) do update set active = true returning id)"
        " insert into public.purchase_links"
        " (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)"
        " select id, %s, %s, %s, false, '/unlock/artifacts' from product returning id",
        [product_id, price_id, amount, currency],
    ).fetchone()
    assert row is not None
    return uuid.UUID(str(row[0]))
