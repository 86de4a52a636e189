"""The web application: the shop, the way to Checkout and back, what happened, and the receiver of Stripe's events."""

import re
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

import psycopg
import stripe
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Mount, Route

from lab.database.connect import DatabaseUnavailable, connect
from lab.rules.forms import STRIPE_SESSION
from lab.services.billing.asgi import make_receiver
from lab.services.billing.fulfil import fulfil
from lab.services.billing.sell import Order, begin_sale
from lab.services.billing.settings import Settings
from lab.services.demo_shop.pages import MARK, Pages
from lab.services.demo_shop.reading import read_activity, read_purchase, read_shelf
from lab.services.demo_shop.states import explain_state

MOST_BYTES = 2_000
_NO_SESSION = ("No such purchase", "Stripe does not know this Checkout session.", 404)
# Own styles and the mark, no script. A form leads on to Local Stripe, so `form-action` is left open.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "same-origin",
}


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
    """

    database_url: str = field(repr=False)
    client: stripe.StripeClient
    address: str
    buyer: uuid.UUID | None
    started_at: datetime
    settings: Settings | None
    pages: Pages

    def begin(self, visit: uuid.UUID, link: uuid.UUID) -> str:
        """Begin a sale and return where it is paid; the same visit and link are the same order."""
        order = Order(order_id=uuid.uuid5(visit, str(link)), purchase_link_id=link, buyer=self.buyer)
        back = f"{self.address}/thanks?session={{CHECKOUT_SESSION_ID}}"
        with connect(self.database_url) as connection:
            return begin_sale(self.client, connection, order, success_url=back, cancel_url=f"{self.address}/").url


def make_app(shop: Shop) -> Starlette:
    """Make the application; it also serves the receiver."""
    views = _Views(shop)
    routes = [
        Route("/", views.show_shop),
        Route("/buy", views.buy, methods=["POST"]),
        Route("/thanks", views.thank),
        Route("/activity", views.show_activity),
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
            return _html(self._pages.shop(read_shelf(connection)))

    async def buy(self, request: Request) -> Response:
        """Begin a sale, and lead on to Checkout."""
        if request.headers.get("origin", request.url.netloc).rpartition("/")[2] != request.url.netloc:
            return self._refuse("Not accepted", "Forms are accepted from this shop alone.", 403)
        chosen = _read_ids(await _read_body(request), "visit", "link")
        if chosen is None:
            return self._refuse("Nothing chosen", "Choose what you want to buy.", 400)
        return RedirectResponse(await run_in_threadpool(self._shop.begin, *chosen), 303)

    def thank(self, request: Request) -> Response:
        """Fulfil what was paid, and show the state of the purchase."""
        session = request.query_params.get("session", "")
        if not re.fullmatch(STRIPE_SESSION, session):
            return self._refuse(*_NO_SESSION)
        with connect(self._shop.database_url) as connection:
            state = explain_state(fulfil(self._shop.client, connection, session))
            return _html(self._pages.thanks(state, read_purchase(connection, session)))

    def show_activity(self, _: Request) -> Response:
        """Show what happened since the demo began."""
        with connect(self._shop.database_url) as connection:
            return _html(self._pages.activity(read_activity(connection, self._shop.started_at)))

    def explain(self, _: Request, error: Exception) -> Response:
        """Say what failed in our words: those of Stripe and the database are not shown."""
        if isinstance(error, stripe.InvalidRequestError):
            return self._refuse(*_NO_SESSION)
        if isinstance(error, stripe.StripeError):
            return self._refuse("Stripe does not answer", "The order is kept. Try again.", 503)
        if isinstance(error, psycopg.Error) and (error.sqlstate or "")[:2] in ("22", "23"):
            return self._refuse("Not for sale", "Load the shop again, and choose what is for sale.", 409)
        return self._refuse("The database does not answer", "Nothing was changed. Try again.", 503)

    def _refuse(self, title: str, text: str, status: int) -> Response:
        return _html(self._pages.message(title, text), status)


def _html(text: str, status: int = 200) -> Response:
    return HTMLResponse(text, status, _HEADERS)


async def _read_body(request: Request) -> str:
    """Return a form's body; of a longer one only the beginning."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_BYTES:
            break
    return body[:MOST_BYTES].decode(errors="replace")


def _read_ids(body: str, *names: str) -> list[uuid.UUID] | None:
    """Return the ids in the fields of a form, None if one is missing or is none."""
    given = parse_qs(body)
    try:
        return [uuid.UUID(given[name][0]) for name in names]
    except (KeyError, ValueError):
        return None
