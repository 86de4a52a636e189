"""Keeps the objects, events and deliveries of one made-up account, in memory and behind one lock."""

import copy
import hashlib
import json
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import stripe

from lab.services.local_stripe.errors import Thing, missing_object
from lab.services.local_stripe.faults import Faults

API_VERSION: str = stripe.api_version

# Kind -> (Stripe's name of the object, what its ids begin with). A list has its kind as its path.
KINDS = {
    "products": ("product", "prod_"),
    "prices": ("price", "price_"),
    "customers": ("customer", "cus_"),
    "coupons": ("coupon", ""),
    "promotion_codes": ("promotion_code", "promo_"),
    "payment_methods": ("payment_method", "pm_"),
    "payment_intents": ("payment_intent", "pi_"),
    "charges": ("charge", "ch_"),
    "refunds": ("refund", "re_"),
    "disputes": ("dispute", "dp_"),
    "radar/early_fraud_warnings": ("radar.early_fraud_warning", "issfr_"),
    "checkout/sessions": ("checkout.session", "cs_test_"),
    "webhook_endpoints": ("webhook_endpoint", "we_"),
}
_WITHOUT_LIVEMODE = {"refunds"}


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened. It never changes: the object is kept as the text that it was then."""

    id: str
    type: str
    created: int
    data: str
    request: tuple[str | None, str | None]

    def write(self, pending: int, api_version: str | None = None) -> Thing:
        """Return the event as the API shows it.

        Args:
            pending: How many endpoints have not received it.
            api_version: The version that an endpoint wants; its name alone changes, and not the object's shape.
        """
        id, key = self.request
        return {
            "id": self.id, "object": "event", "api_version": api_version or API_VERSION, "created": self.created,
            "data": json.loads(self.data), "livemode": False, "pending_webhooks": pending,
            "request": {"id": id, "idempotency_key": key}, "type": self.type,
        }  # fmt: skip


@dataclass(kw_only=True)
class Delivery:
    """One event on its way to one endpoint: pending, then delivered or given up. A fault puts it off once at most."""

    event: Event
    endpoint: str
    due: float
    state: str = "pending"
    attempts: list[str] = field(default_factory=list)
    put_off: bool = False


@dataclass(kw_only=True)
class Secret:
    """A signing secret; after a rotation the old one stays valid until its end."""

    text: str
    until: float | None = None


class Store:
    """The account. Every reader and writer holds `lock`; `changed` tells the worker that there is something to do.

    Args:
        clock: Returns the time, in seconds since 1970.
        timer: Returns seconds that only grow; deliveries and delayed payments wait by it.
        seed: Two stores of the same seed give the same ids to the same calls.
        base_url: Where the store is served.
        settle_seconds: How long a test bank account waits before it pays or fails; None waits for a person.
    """

    def __init__(
        self, *, clock: Callable[[], float], timer: Callable[[], float] = time.monotonic,
        seed: str, base_url: str, settle_seconds: float | None,
    ) -> None:  # fmt: skip
        self.clock, self.timer, self.base_url, self.settle_seconds = clock, timer, base_url, settle_seconds
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.objects: dict[str, dict[str, Thing]] = {kind: {} for kind in KINDS}
        self.lines: dict[str, list[Thing]] = {}
        self.extras: dict[str, Thing] = defaultdict(dict)
        self.events: dict[str, Event] = {}
        self.deliveries: list[Delivery] = []
        self.secrets: dict[str, list[Secret]] = {}
        self.timed: list[tuple[float, Callable[[], object]]] = []
        self.faults = Faults()
        self.forbidden: dict[str, frozenset[str]] = {}  # restricted key -> resources that it may not reach
        self.request: tuple[str | None, str | None] = (None, None)
        self._seed, self._drawn = seed, 0

    def keep(self) -> tuple[Any, ...]:
        """Return everything that happened in the account, for `put_back`. It is the account's own, and not a copy."""
        return self.objects, self.lines, dict(self.extras), self.events, self._drawn

    def put_back(self, objects: Any, lines: Any, extras: Any, events: Any, drawn: int) -> None:
        """Replace everything that happened by what `keep` has returned."""
        self.objects, self.lines, self.events, self._drawn = objects, lines, events, drawn
        self.extras.clear()
        self.extras.update(extras)

    def now(self) -> int:
        """Return the time in whole seconds, as Stripe writes it."""
        return int(self.clock())

    def draw_id(self, prefix: str, length: int = 24) -> str:
        """Return an id that was not given before."""
        self._drawn += 1
        return prefix + hashlib.sha256(f"{self._seed}:{self._drawn}".encode()).hexdigest()[:length]

    def change_seed(self, seed: str) -> None:
        """Give other ids from now on than the same calls were given before."""
        self._seed = seed

    def add(self, kind: str, id: str | None = None, **fields: Any) -> Thing:
        """Keep a new object of a kind, with its id and time."""
        name, prefix = KINDS[kind]
        made = {"id": id or self.draw_id(prefix), "object": name, "created": self.now(), "livemode": False, **fields}
        if kind in _WITHOUT_LIVEMODE:
            del made["livemode"]
        self.objects[kind][made["id"]] = made
        return made

    def get(self, kind: str, id: str, param: str = "id") -> Thing:
        """Return an object of a kind.

        Raises:
            ApiError: There is none of that id.
        """
        found = self.objects[kind].get(id)
        if found is None:
            raise missing_object(KINDS[kind][0].rpartition(".")[2].replace("_", " "), id, param)
        return found

    def find(self, id: str) -> Thing | None:
        """Return the object of any kind that has an id."""
        return next((things[id] for things in self.objects.values() if id in things), None)

    def where(self, kind: str, **values: Any) -> list[Thing]:
        """Return the objects of a kind whose fields have these values, oldest first."""
        things = self.objects[kind].values()
        return [one for one in things if all(one.get(name) == value for name, value in values.items())]

    def emit(self, type: str, thing: Thing, previous: Thing | None = None) -> None:
        """Record that something happened, and queue it for each endpoint that wants its type."""
        if self.faults.take("not_generated", type):
            return
        data = {"object": thing, **({"previous_attributes": previous} if previous else {})}
        event = Event(
            id=self.draw_id("evt_"), type=type, created=self.now(), data=json.dumps(data), request=self.request
        )
        self.events[event.id] = event
        for endpoint in self.where("webhook_endpoints", status="enabled"):
            if type in endpoint["enabled_events"] or "*" in endpoint["enabled_events"]:
                self.queue(event, endpoint["id"])

    def queue(self, event: Event, endpoint: str) -> None:
        """Put an event on its way to an endpoint; one that was sent there before is sent once more."""
        known = [one for one in self.deliveries if one.event is event and one.endpoint == endpoint]
        if not known:
            self.deliveries.append(Delivery(event=event, endpoint=endpoint, due=self.timer()))
        for one in known:
            one.state, one.due, one.attempts = "pending", self.timer(), []
        self.changed.notify_all()

    def pending(self, event: Event) -> int:
        """Return how many endpoints have not received an event."""
        return sum(one.event is event and one.state != "delivered" for one in self.deliveries)

    @contextmanager
    def change(self, thing: Thing, *types: str) -> Iterator[Thing]:
        """Record the changes that the block makes to an object, as events with the values before."""
        before = copy.deepcopy(thing)
        yield thing
        previous = {name: before.get(name) for name in thing if thing[name] != before.get(name)}
        for type in types if previous else ():
            self.emit(type, thing, previous)

    def later(self, seconds: float | None, run: Callable[[], object]) -> None:
        """Let the worker do something after a while; None leaves it to a person."""
        if seconds is not None:
            self.timed.append((self.timer() + seconds, run))
            self.changed.notify_all()
