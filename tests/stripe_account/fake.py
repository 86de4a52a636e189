"""A small Stripe over real HTTP, for the official client: what is read, filtered, paged, refused and delayed.

It serves lists and single objects out of plain dictionaries, and notes each field, value and filter that the
official client's own types do not know.
"""

import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, get_args, get_origin
from urllib.parse import parse_qsl, urlsplit

import stripe
from stripe import checkout, params, radar

Thing = dict[str, Any]

KEY = "rk_live_51HqFakeFakeFakeFake"  # a made-up key
# The types of what each list holds, and of the filters that it takes.
PATHS: dict[str, tuple[Any, type]] = {
    "products": (stripe.Product, params.ProductListParams),
    "prices": (stripe.Price, params.PriceListParams),
    "checkout/sessions": (checkout.Session, params.checkout.SessionListParams),
    "events": (stripe.Event, params.EventListParams),
    "webhook_endpoints": (stripe.WebhookEndpoint, params.WebhookEndpointListParams),
    "disputes": (stripe.Dispute, params.DisputeListParams),
    "refunds": (stripe.Refund, params.RefundListParams),
    "radar/early_fraud_warnings": (radar.EarlyFraudWarning, params.radar.EarlyFraudWarningListParams),
}
MOST_TYPES = 20  # of events in one filter; source: stripe 16.1.0, EventListParams
PAGE = 10


@dataclass
class Shop:
    """What the account holds, and how it misbehaves."""

    livemode: bool = True
    keys: set[str] = field(default_factory=lambda: {KEY})
    things: dict[str, list[Thing]] = field(default_factory=lambda: {path: [] for path in PATHS})
    account: Thing = field(default_factory=dict)
    forbidden: set[str] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)
    garbled: set[str] = field(default_factory=set)
    slow: dict[str, float] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    unheard_of: set[str] = field(default_factory=set)
    url: str = ""

    def add(self, path: str, **thing: Any) -> Thing:
        """Add an object to a list, with the fields that all of them have."""
        number = len(self.things[path]) + 1
        kind = PATHS[path][0]
        base: Thing = {"object": kind.OBJECT_NAME, "created": int(time.time()) - 7200 - number}
        if "livemode" in kind.__annotations__:
            base["livemode"] = self.livemode
        self.things[path].append({"id": f"{path.split('/')[-1]}_{number}", **base, **thing})
        return self.things[path][-1]

    def find(self, path: str, id: str) -> Thing | None:
        """Return one object."""
        return next((thing for thing in self.things[path] if thing["id"] == id), None)


class Refusal(Exception):
    """An error as Stripe words it."""

    def __init__(self, status: int, kind: str, message: str, code: str | None = None) -> None:
        self.status = status
        self.body = {"error": {"type": kind, "message": message, "code": code}}


@contextmanager
def serve(shop: Shop) -> Iterator[Shop]:
    """Serve a shop until the block ends; its address is `shop.url`.

    Raises:
        AssertionError: It held, or was asked for, what the official client's types do not know.
    """
    handler = type("Handler", (_Handler,), {"shop": shop})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
    assert shop.unheard_of == set()


class _Handler(BaseHTTPRequestHandler):
    shop: Shop
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        path = split.path.removeprefix("/v1/")
        self.shop.asked.append(f"GET {path}")
        try:
            status, body = 200, self._answer(path, dict(parse_qsl(split.query)))
        except Refusal as refusal:
            status, body = refusal.status, refusal.body
        self._send(status, b"<html>" if path in self.shop.garbled else json.dumps(body).encode())

    def _refuse_write(self) -> None:
        self.shop.asked.append(f"{self.command} {self.path}")
        self._send(405, b"{}")

    do_POST = do_DELETE = _refuse_write

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _answer(self, path: str, query: dict[str, str]) -> Thing:
        key = self.headers.get("Authorization", "").removeprefix("Bearer ")
        if key not in self.shop.keys:
            raise Refusal(401, "invalid_request_error", f"Invalid API Key provided: {key[:8]}****{key[-4:]}")
        resource = next((name for name in PATHS if path == name or path.startswith(f"{name}/")), path)
        time.sleep(self.shop.slow.get(resource, 0))
        if resource in self.shop.forbidden:
            raise Refusal(403, "invalid_request_error", f"The key '{key}' does not have the required permissions.")
        if resource in self.shop.broken:
            raise Refusal(500, "api_error", "An unknown error occurred")
        if path == "account":
            return self._known(stripe.Account, {"object": "account", "id": "acct_1", **_ACCOUNT, **self.shop.account})
        if path == "balance":
            return self._known(stripe.Balance, {"object": "balance", "livemode": self.shop.livemode})
        if path == resource and path in PATHS:
            return self._list(path, query)
        return self._one(resource, path.removeprefix(f"{resource}/"), query)

    def _one(self, resource: str, id: str, query: dict[str, str]) -> Thing:
        thing = self.shop.find(resource, id) if resource in PATHS else None
        if thing is None:
            raise Refusal(404, "invalid_request_error", f"No such {resource}: '{id}'", "resource_missing")
        return self._expand(thing, _expansions(query))

    def _known(self, kind: type, thing: Thing) -> Thing:
        self.shop.unheard_of |= {f"{kind.__name__}.{name}" for name in _unheard_of(kind, thing)}
        return thing

    def _list(self, path: str, query: dict[str, str]) -> Thing:
        filters = {name.split("[")[0] for name in query}
        self.shop.unheard_of |= {f"{path}?{name}" for name in filters - PATHS[path][1].__annotations__.keys()}
        if len(_types(query)) > MOST_TYPES:
            raise Refusal(400, "invalid_request_error", f"You may only pass {MOST_TYPES} types.")
        found = sorted(self.shop.things[path], key=lambda thing: -thing["created"])
        found = [thing for thing in found if _fits(thing, query)]
        if after := query.get("starting_after"):
            found = found[[thing["id"] for thing in found].index(after) + 1 :]
        size = min(int(query.get("limit", "10")), PAGE)
        expansions = {name.removeprefix("data.") for name in _expansions(query)}
        page = [self._expand(thing, expansions) for thing in found[:size]]
        page = [self._known(PATHS[path][0], thing) for thing in page]
        return {"object": "list", "url": f"/v1/{path}", "data": page, "has_more": len(found) > size}

    def _expand(self, thing: Thing, expansions: set[str]) -> Thing:
        """Line items are only there when they are asked for; a product is an id unless it is expanded."""
        shown = {name: value for name, value in thing.items() if name not in _HIDDEN or name in expansions}
        if "product" in expansions and "product" in shown:
            product = self.shop.find("products", shown["product"])
            shown["product"] = product or {"id": shown["product"], "object": "product", "deleted": True}
        return shown


_ACCOUNT = {"charges_enabled": True, "payouts_enabled": True, "details_submitted": True,
            "requirements": {"currently_due": [], "past_due": [], "disabled_reason": None}}  # fmt: skip
_HIDDEN = {"line_items", "delivered"}


def _expansions(query: dict[str, str]) -> set[str]:
    return {value for name, value in query.items() if name.startswith("expand")}


def _unheard_of(kind: type, thing: Thing) -> Iterator[str]:
    """Yield the fields that a type does not have, and those whose value it does not list."""
    for name, value in thing.items():
        declared = kind.__annotations__.get(name)
        listed = [choice for part in get_args(declared) if get_origin(part) is Literal for choice in get_args(part)]
        if declared is None or (listed and value is not None and value not in listed):
            yield name if declared is None else f"{name} = {value}"


def _types(query: dict[str, str]) -> set[str]:
    return _values(query, "types")


def _values(query: dict[str, str], wanted: str) -> set[str]:
    """Return the values of a filter that takes several."""
    return {value for name, value in query.items() if re.fullmatch(rf"{wanted}\[\d*\]", name)}


def _fits(thing: Thing, query: dict[str, str]) -> bool:
    types = _types(query)
    wanted = [
        "created[gte]" not in query or thing["created"] >= int(query["created[gte]"]),
        "created[lte]" not in query or thing["created"] <= int(query["created[lte]"]),
        not types or thing.get("type") in types,
        not _values(query, "lookup_keys") or thing.get("lookup_key") in _values(query, "lookup_keys"),
        "delivery_success" not in query or str(thing.get("delivered", True)).lower() == query["delivery_success"],
        *(str(thing.get(name)).lower() == query[name] for name in ("active", "status") if name in query),
    ]
    return all(wanted)
