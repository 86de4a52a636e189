"""The web application: the shop, the way to Checkout and back, what happened, and the receiver of Stripe's events."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg
import stripe
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from lab.database.connect import DatabaseUnavailable, connect
from lab.rules.forms import STRIPE_SESSION
from lab.services.billing.asgi import make_receiver
from lab.services.billing.fulfil import fulfil
from lab.services.billing.sell import OpenCheckout, Order, begin_sale
from lab.services.billing.settings import Settings
from lab.services.billing.withdrawal import read_waiver
from lab.services.demo_shop.answers import NO_SESSION, html, read_form, refuse, refuse_foreign
from lab.services.demo_shop.bought import bring_readings, read_deliveries
from lab.services.demo_shop.cards import Cards
from lab.services.demo_shop.deliveries import Deliveries
from lab.services.demo_shop.pages import Bought, Pages
from lab.services.demo_shop.reading import read_activity, read_purchase, read_right, read_shelf
from lab.services.demo_shop.right import explain_right
from lab.services.demo_shop.sharing import read_question, read_sharing
from lab.services.demo_shop.states import WITHDRAWN, explain_state
from lab.services.demo_shop.withdrawal import Withdrawal
from lab.services.documents import Renderer
from lab.services.files import Store
from lab.services.look import MARK


@dataclass(frozen=True, kw_only=True)
class Shop:
    """What the application works with.

    Args:
        database_url: A login that may act as the site's server.
        client: The client of Local Stripe, or of Stripe's test mode.
        address: The shop's own address, to which a buyer returns.
        buyer: Who buys; None for a guest.
        started_at: The purchases since then are shown.
        settings: The receiver's settings; None where no webhook can arrive.
        pages: The pages.
        store: Where the files of readings are.
        renderer: Renders the pages for paper.
    """

    database_url: str = field(repr=False)
    client: stripe.StripeClient
    address: str
    buyer: uuid.UUID | None
    started_at: datetime
    settings: Settings | None
    pages: Pages
    store: Store
    renderer: Renderer

    def begin(self, visit: uuid.UUID, link: uuid.UUID, waiver: uuid.UUID | None) -> OpenCheckout:
        """Begin a sale and return where it is paid; the same visit and choices are the same order.

        The waiver is left out for a guest and for what is delivered later, who keep the right of withdrawal.
        """
        back = f"{self.address}/thanks?session={{CHECKOUT_SESSION_ID}}"
        with connect(self.database_url) as connection:
            at_once = {row["id"] for row in read_shelf(connection) if row["at_once"]}
            agreed = waiver if self.buyer and link in at_once else None
            order_id = uuid.uuid5(visit, f"{link} {agreed}")
            order = Order(order_id=order_id, purchase_link_id=link, buyer=self.buyer, waiver=agreed)
            return begin_sale(self.client, connection, order, success_url=back, cancel_url=f"{self.address}/")


def make_app(shop: Shop) -> Starlette:
    """Make the application; it also serves the receiver."""
    views = _Views(shop)
    withdrawal = Withdrawal(database_url=shop.database_url, buyer=shop.buyer, pages=shop.pages)
    deliveries = Deliveries(
        database_url=shop.database_url, buyer=shop.buyer, pages=shop.pages, store=shop.store, renderer=shop.renderer
    )
    cards = Cards(database_url=shop.database_url, buyer=shop.buyer, pages=shop.pages, store=shop.store)
    routes = [
        Route("/", views.show_shop),
        Route("/buy", views.buy, methods=["POST"]),
        Route("/thanks", views.thank),
        Route("/activity", views.show_activity),
        *withdrawal.routes(),
        *deliveries.routes(),
        *cards.routes(),
        Route("/mark.svg", lambda _: FileResponse(MARK)),
        *([Mount("/", make_receiver(shop.settings))] if shop.settings else []),
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"])
    explained: Any = dict.fromkeys((psycopg.Error, DatabaseUnavailable, stripe.StripeError), views.explain)
    return Starlette(routes=routes, middleware=[hosts], exception_handlers=explained)


class _Views:
    """The answer of each address. Those that are no coroutines run in threads, each with a connection of its own."""

    def __init__(self, shop: Shop) -> None:
        self._shop, self._pages = shop, shop.pages

    def show_shop(self, _: Request) -> Response:
        """Show what is for sale."""
        with connect(self._shop.database_url) as connection:
            waiver = read_waiver(connection) if self._shop.buyer else None
            return html(self._pages.shop(read_shelf(connection), waiver))

    async def buy(self, request: Request) -> Response:
        """Begin a sale, and lead on to Checkout; after a waiver by way of its confirmation."""
        if refused := refuse_foreign(self._pages, request):
            return refused
        form = await read_form(request)
        visit, link, waiver = (_read_id(form, name) for name in ("visit", "link", "waiver"))
        if visit is None or link is None:
            return refuse(self._pages, "Nothing chosen", "Choose what you want to buy.", 400)
        opened = await run_in_threadpool(self._shop.begin, visit, link, waiver)
        if opened.confirmation:
            return html(self._pages.confirmation(opened))
        return RedirectResponse(opened.url, 303)

    def thank(self, request: Request) -> Response:
        """Fulfil what was paid, and show the state of the purchase and the right to withdraw from it."""
        session = request.query_params.get("session", "")
        if not re.fullmatch(STRIPE_SESSION, session):
            return refuse(self._pages, *NO_SESSION)
        with connect(self._shop.database_url) as connection:
            state = explain_state(fulfil(self._shop.client, connection, session))
            bring_readings(connection, self._shop.started_at)
            row = read_right(connection, session)
            right = explain_right(row) if row else None
            if row and row["confirmed_at"] and row["unlocked"]:
                state = WITHDRAWN
            purchase, bought = read_purchase(connection, session), self._read_bought(connection, session)
            return html(self._pages.thanks(state, purchase, right, bought))

    def _read_bought(self, connection: psycopg.Connection[Any], session: str) -> Bought:
        return Bought(
            deliveries=read_deliveries(connection, session),
            sharing=read_sharing(connection, session, self._shop.buyer),
            question=read_question(connection)[1],
        )

    def show_activity(self, _: Request) -> Response:
        """Show what happened since the demo began."""
        with connect(self._shop.database_url) as connection:
            bring_readings(connection, self._shop.started_at)
            return html(self._pages.activity(read_activity(connection, self._shop.started_at)))

    def explain(self, _: Request, error: Exception) -> Response:
        """Say what failed in our words: those of Stripe and the database are not shown."""
        if isinstance(error, stripe.InvalidRequestError):
            return refuse(self._pages, *NO_SESSION)
        if isinstance(error, stripe.StripeError):
            return refuse(self._pages, "Stripe does not answer", "The order is kept. Try again.", 503)
        if isinstance(error, psycopg.Error) and (error.sqlstate or "")[:2] in ("22", "23"):
            return refuse(self._pages, "Not for sale", "Load the shop again, and choose what is for sale.", 409)
        return refuse(self._pages, "The database does not answer", "Nothing was changed. Try again.", 503)


def _read_id(form: dict[str, str], name: str) -> uuid.UUID | None:
    """Return the id in a field of a form, None if it is missing or is none."""
    try:
        return uuid.UUID(form[name])
    except (KeyError, ValueError):
        return None
