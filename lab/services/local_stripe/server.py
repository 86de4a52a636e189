"""Starts Local Stripe on this machine."""

import asyncio
import contextlib
import secrets
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import stripe
from uvicorn.protocols.http.h11_impl import H11Protocol

from lab.services.local_stripe.account import roll_secret
from lab.services.local_stripe.actions import act
from lab.services.local_stripe.app import make_app
from lab.services.local_stripe.deliveries import SCHEDULE, TIMEOUT_SECONDS, Worker
from lab.services.local_stripe.errors import Thing
from lab.services.local_stripe.faults import Fault
from lab.services.local_stripe.store import Store
from lab.services.serving import HOST, listen, serve

SETTLE_SECONDS = 1.0
LOCAL_KEY = "sk_test_localstripe"
"""A key for clients; any other of its form is as good."""


class _Protocol(H11Protocol):
    """Lets the application close a connection without an answer, which a lost response needs."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn narrows it
        super().connection_made(transport)
        self.app_state = {**self.app_state, "cut": transport.abort}


@dataclass(frozen=True, kw_only=True)
class LocalStripe:
    """A Local Stripe that runs.

    Args:
        url: Its address: the `api` of `base_addresses`, and where `/_local/` is.
        key: A key for it.
        store: Its account; hold `store.lock` while you read it.
        worker: What delivers its events.
    """

    url: str
    store: Store
    worker: Worker
    key: str = LOCAL_KEY

    def client(self, key: str | None = None, **options: Any) -> stripe.StripeClient:
        """Return Stripe's own client for it, with retries and timeouts set."""
        options = {"max_network_retries": 2, "http_client": stripe.RequestsClient(timeout=(3, 10)), **options}
        return stripe.StripeClient(key or self.key, base_addresses={"api": self.url}, **options)

    def act(self, name: str, id: str, **fields: Any) -> Thing:
        """Do what the world outside does; see `actions.ACTIONS`."""
        return act(self.store, name, id, {key: str(value) for key, value in fields.items()})

    def break_next(self, kind: Any, match: str = "*", **more: Any) -> None:
        """Let a fault happen; see `Fault`."""
        with self.store.lock:
            self.store.faults.add(Fault(kind=kind, match=match, **more))

    def forbid(self, key: str, resources: Collection[str]) -> None:
        """Let a key reach no resource of these, such as `checkout/sessions`; it gets 403."""
        with self.store.lock:
            self.store.forbidden[key] = frozenset(resources)

    def roll_secret(self, endpoint: str, overlap_seconds: float = 86_400.0) -> str:
        """Give an endpoint a new secret, and return it; the old one is valid until the overlap ends."""
        with self.store.lock:
            return roll_secret(self.store, endpoint, overlap_seconds)

    def wait_for_deliveries(self, seconds: float = 10.0) -> bool:
        """Wait until no event is on its way and nothing waits for its time; tell whether that came in time."""
        return self.worker.wait(seconds)


@contextlib.contextmanager
def serve_local_stripe(
    *,
    port: int = 0,
    seed: str | None = None,
    clock: Callable[[], float] = time.time,
    schedule: Sequence[float] = SCHEDULE,
    timeout_seconds: float = TIMEOUT_SECONDS,
    settle_seconds: float | None = SETTLE_SECONDS,
) -> Iterator[LocalStripe]:
    """Serve an empty account on this machine until the block ends.

    Args:
        port: Where to listen; 0 for a free one.
        seed: The same seed gives the same ids to the same calls; without one they are new each time.
        clock: Returns the time in seconds since 1970.
        schedule: Seconds from each failed delivery to the next attempt; after the last one it is given up.
        timeout_seconds: How long an endpoint may take to answer.
        settle_seconds: How long a test bank account waits before it pays or fails; None waits for `act`.

    Raises:
        PortTaken: The port is not free.
    """
    with listen(port) as listener:
        url = f"http://{HOST}:{listener.getsockname()[1]}"
        seed = seed or secrets.token_hex(8)
        store = Store(clock=clock, seed=seed, base_url=url, settle_seconds=settle_seconds)
        worker = Worker(store, schedule, timeout_seconds)
        with serve(make_app(store), listener, http=_Protocol):
            worker.start()
            try:
                yield LocalStripe(url=url, store=store, worker=worker)
            finally:
                worker.stop()
