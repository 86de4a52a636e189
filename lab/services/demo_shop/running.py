"""Starts everything that a purchase needs on this machine, and ends all of it."""

import contextlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NoReturn

import psycopg
import stripe
import uvicorn
from starlette.types import ASGIApp

from lab.database.connect import DatabaseUnavailable, connect
from lab.rules import RULES
from lab.services.billing.mount import PATH
from lab.services.billing.processing import process_events
from lab.services.billing.settings import Settings
from lab.services.billing.stripe_client import open_stripe
from lab.services.billing.sync import apply_offers
from lab.services.demo_shop.app import Shop, make_app
from lab.services.demo_shop.pages import Pages
from lab.services.demo_shop.reading import end_earlier_sales, read_buyer
from lab.services.local_stripe import PortTaken, serve_local_stripe
from lab.text.errors import LabError
from lab.text.product_files import APP, HOME_VARIABLE, home_folder

log = logging.getLogger(__name__)
HOST = "127.0.0.1"
PROCESS_SECONDS = 1.0
START_SECONDS, END_SECONDS = 60.0, 10.0
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_NOT_PASSED_ON = {"DATABASE_URL", "STRIPE_WEBHOOK_SECRET"}  # the app shows the embedded database, and receives nothing


class AppEnded(LabError):
    """The app ended, or did not start in time."""


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the demo is.

    Args:
        shop: The shop.
        control: The control page of Local Stripe.
        lab: The app.
        app: The app's process.
    """

    shop: str
    control: str
    lab: str
    app: subprocess.Popen[bytes]


@contextlib.contextmanager
def serve_demo(database_url: str, *, port: int = 0, tell: Callable[[str], None] = log.info) -> Iterator[Addresses]:
    """Serve Local Stripe, the shop with its receiver, and the app, until the block ends.

    Args:
        database_url: The prepared embedded database, by a login that may act as the site's server.
        port: Where the shop listens; 0 for a free one.
        tell: Gets a sentence before each step.

    Raises:
        PortTaken: The port is not free.
        AppEnded: The app does not start.
    """
    with contextlib.ExitStack() as stack:
        listener = stack.enter_context(_listen(port))
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        tell("Starting Local Stripe and the shop")
        local = stack.enter_context(serve_local_stripe(settle_seconds=None))
        client = open_stripe(local.key, {"api": local.url})
        app_port = _find_port()
        places = {"control": f"{local.url}/_local/", "lab": f"http://{HOST}:{app_port}"}
        shop = _open_shop(client, database_url, address, Pages(**places))
        stack.enter_context(_serve(make_app(shop), listener))
        stack.enter_context(_process(client, database_url))
        tell("Starting the app")
        app = stack.enter_context(_run_app(app_port))
        yield Addresses(shop=f"{address}/", app=app, **places)


def wait_for_end(addresses: Addresses) -> None:
    """Wait until the app ends, which it does not by itself.

    Raises:
        AppEnded: It ended.
    """
    raise AppEnded("The app", f"It ended with code {addresses.app.wait()}", "Run the command again")


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


def _open_shop(client: stripe.StripeClient, database_url: str, address: str, pages: Pages) -> Shop:
    """Sell the offers, and register the receiver at Stripe."""
    with connect(database_url) as connection:
        apply_offers(client, connection, RULES.offers)
        prices = client.v1.prices.list({"limit": 100, "active": True}).auto_paging_iter()
        end_earlier_sales(connection, [price.id for price in prices])
        buyer = read_buyer(connection)
    made = client.v1.webhook_endpoints.create({"url": address + PATH, "enabled_events": ["*"]})
    return Shop(
        database_url=database_url,
        client=client,
        address=address,
        buyer=buyer,
        started_at=datetime.now(UTC),
        settings=Settings(url=database_url, secrets=(str(made.secret),), livemode=False),
        pages=pages,
    )


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen()
    except (OSError, OverflowError):
        listener.close()
        raise PortTaken(f"Port {port} of {HOST}", "It is not free", "Choose another one, or 0 for any") from None
    return listener


def _find_port() -> int:
    with _listen(0) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def _serve(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Serve an application in a thread."""
    config = uvicorn.Config(
        app, lifespan="off", ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), name="demo-shop", daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@contextlib.contextmanager
def _process(client: stripe.StripeClient, database_url: str) -> Iterator[None]:
    """Process the received events in a thread, as the site's worker does."""
    ending = threading.Event()
    work: dict[str, Any] = {"worker": f"demo:{os.getpid()}", "livemode": False, "most": 50}

    def run() -> None:
        while not ending.is_set():
            try:
                with connect(database_url) as connection:
                    while not ending.wait(PROCESS_SECONDS):
                        process_events(client, connection, **work)
            except (psycopg.Error, DatabaseUnavailable) as error:
                log.warning("Events are processed again in a moment: %s", type(error).__name__)
                ending.wait(PROCESS_SECONDS)

    thread = threading.Thread(target=run, name="demo-worker", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


@contextlib.contextmanager
def _run_app(port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run the app as a child process; begin when it answers, and end it with the block."""
    options = ["--server.address", HOST, "--server.port", str(port), "--server.headless", "true"]
    command = [sys.executable, "-m", "streamlit", "run", str(APP), *options]
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_PASSED_ON}
    environment[HOME_VARIABLE] = str(home_folder().resolve())
    app = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        _wait_for_answer(app, f"http://{HOST}:{port}/_stcore/health")
        yield app
    finally:
        app.terminate()
        try:
            app.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            app.kill()
            app.wait()


def _wait_for_answer(app: subprocess.Popen[bytes], url: str) -> None:
    end = time.monotonic() + START_SECONDS
    while app.poll() is None and time.monotonic() < end:
        with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310
            return
        time.sleep(0.1)
    raise AppEnded("The app", f"It does not answer at {url}", "Read its messages above, and run the command again")
