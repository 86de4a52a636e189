"""Starts everything that a purchase needs on this machine, and ends all of it."""

import contextlib
import logging
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import NoReturn

import stripe

from lab.database.connect import connect
from lab.rules import RULES
from lab.services.billing.mount import PATH
from lab.services.billing.settings import LOCAL_ADDRESS_VARIABLE, LOCAL_KEY_VARIABLE, Settings
from lab.services.billing.stripe_client import open_stripe
from lab.services.billing.sync import apply_offers
from lab.services.delivery.drain import Delivery, run_deliveries
from lab.services.delivery.handle import Handled
from lab.services.delivery.site import DeliverySite
from lab.services.demo_shop.app import Shop, make_app
from lab.services.demo_shop.child_app import AppEnded, find_port, run_app
from lab.services.demo_shop.pages import Pages
from lab.services.demo_shop.posting import open_posting
from lab.services.demo_shop.reading import end_earlier_sales, read_buyer
from lab.services.demo_shop.settling import settling
from lab.services.local_stripe import serve_local_stripe
from lab.services.serving import HOST, listen, serve
from lab.services.worker import LOOK_SECONDS, Ran, Site, Stop, Worker, name_worker, run_worker
from lab.text.product_files import home_folder

log = logging.getLogger(__name__)
DASHBOARD = "https://dashboard.stripe.com/test/payments"
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the demo is.

    Args:
        shop: The shop.
        control: The control page of Local Stripe, or Stripe's dashboard.
        lab: The app.
        mailbox: The mailbox, in which the messages arrive.
        app: The app's process.
    """

    shop: str
    control: str
    lab: str
    mailbox: str
    app: subprocess.Popen[bytes]


@contextlib.contextmanager
def serve_demo(
    database_url: str,
    *,
    port: int = 0,
    tell: Callable[[str], None] = log.info,
    test_mode: stripe.StripeClient | None = None,
) -> Iterator[Addresses]:
    """Serve the shop and the app until the block ends, with Local Stripe and the receiver unless Stripe is given.

    Args:
        database_url: The prepared embedded database, by a login that may act as the site's server.
        port: Where the shop listens; 0 for a free one.
        tell: Gets a sentence before each step.
        test_mode: The client of Stripe's test mode, which cannot reach this machine; None for a Local Stripe.

    Raises:
        PortTaken: The port is not free.
        AppEnded: The app does not start.
        stripe.StripeError: Stripe cannot be asked, or refuses the offers.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(listen(port))
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        payments = _begin_at_stripe(test_mode, tell) if test_mode else stack.enter_context(_serve_local(address, tell))
        app_port = find_port()
        tell("Starting the mailbox")
        posting = stack.enter_context(open_posting(database_url, address, name_worker(), home_folder() / "files"))
        places = {"control": payments.control, "lab": f"http://{HOST}:{app_port}", "mailbox": posting.mailbox.page}
        shop = _open_shop(payments, posting.site, Pages(**places, local=payments.secret is not None))
        stack.enter_context(serve(make_app(shop), listener))
        stack.enter_context(_work(payments.client, posting.site))
        if test_mode:
            stack.enter_context(settling(test_mode, database_url))
        tell("Starting the app")
        app = stack.enter_context(run_app(app_port, payments.app_settings))
        yield Addresses(shop=f"{address}/", app=app, **places)


@dataclass(frozen=True, kw_only=True)
class _Payments:
    """Where is paid.

    Args:
        client: The client for it.
        control: The page on which payments are refunded and disputed.
        secret: The secret of the webhook; None where no webhook can arrive.
        app_settings: Variables by which the app asks the same Stripe.
    """

    client: stripe.StripeClient
    control: str
    secret: str | None
    app_settings: Mapping[str, str] = field(default_factory=dict, repr=False)


@contextlib.contextmanager
def _serve_local(address: str, tell: Callable[[str], None]) -> Iterator[_Payments]:
    """Serve a Local Stripe that sends its events to the shop's address."""
    tell("Starting Local Stripe and the shop")
    with serve_local_stripe(settle_seconds=None) as local:
        client = open_stripe(local.key, {"api": local.url})
        made = client.v1.webhook_endpoints.create({"url": address + PATH, "enabled_events": ["*"]})
        settings = {LOCAL_KEY_VARIABLE: local.key, LOCAL_ADDRESS_VARIABLE: local.url}
        control = f"{local.url}/_local/"
        yield _Payments(client=client, control=control, secret=str(made.secret), app_settings=settings)


def _begin_at_stripe(client: stripe.StripeClient, tell: Callable[[str], None]) -> _Payments:
    tell("Bringing the offers to Stripe's test mode, and starting the shop")
    return _Payments(client=client, control=DASHBOARD, secret=None)


def wait_for_end(addresses: Addresses) -> None:
    """Wait until the app ends, which it does not by itself.

    Raises:
        AppEnded: It ended.
    """
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            code = addresses.app.wait(LOOK_SECONDS)
            raise AppEnded("The app", f"It ended with code {code}", "Run the command again")


@contextlib.contextmanager
def ending_on_signals() -> Iterator[None]:
    """Leave the block at the first signal that ends a program; further ones do not disturb what the block cleans up."""

    def end(*_: object) -> NoReturn:
        for number in _SIGNALS:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in _SIGNALS}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _open_shop(payments: _Payments, posted: DeliverySite, pages: Pages) -> Shop:
    """Sell the offers."""
    client, secret = payments.client, payments.secret
    with connect(posted.url) as connection:
        apply_offers(client, connection, RULES.offers)
        prices = client.v1.prices.list({"limit": 100, "active": True}).auto_paging_iter()
        end_earlier_sales(connection, [price.id for price in prices])
        buyer = read_buyer(connection)
    return Shop(
        database_url=posted.url,
        client=client,
        address=posted.address,
        buyer=buyer,
        started_at=datetime.now(UTC),
        settings=Settings(url=posted.url, secrets=(secret,), livemode=False) if secret else None,
        pages=pages,
        store=posted.store,
        renderer=posted.renderer,
    )


@contextlib.contextmanager
def _work(client: stripe.StripeClient, posted: DeliverySite) -> Iterator[None]:
    """Run the site's worker in a thread, with the whole schedule and the deliveries."""
    site = Site(url=posted.url, worker=posted.worker, client=client, livemode=False)
    with contextlib.closing(Stop()) as stop:
        worker = Worker(site=site, stop=stop, report=_report, tell=log.warning)
        delivery = Delivery(site=posted, stop=stop, report=_report_job, tell=log.warning)
        lanes = (worker, RULES.schedule, partial(run_deliveries, delivery))
        thread = threading.Thread(target=run_worker, args=lanes, name="demo-worker", daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.ask()
            thread.join()


def _report(ran: Ran) -> None:
    log.info("%s: %s", ran.task.id, ran.outcome)


def _report_job(done: Handled) -> None:
    log.info("job %s (%s): %s", done.job.id, done.job.channel, done.state)
