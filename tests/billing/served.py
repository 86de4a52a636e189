"""A receiver that is served over HTTP in this process, and the deliveries that Stripe would send to it."""

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import stripe
import uvicorn

from fixtures.servers import Database
from lab.database.connect import connect
from lab.services.billing.asgi import make_receiver
from lab.services.billing.counts import Counts
from lab.services.billing.mount import PATH
from lab.services.billing.settings import Settings

SECRET = "whsec_" + "oldOLD01" * 4
NEW_SECRET = "whsec_" + "newNEW02" * 4
VERSION = "2026-10-28.endive"
ROWS = "select id, type, livemode, status, deliveries, api_version, object_id, checkout_session_id, payload"


@dataclass(frozen=True)
class Answer:
    """What a delivery was answered."""

    status: int
    told: Any
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Endpoint:
    """A served receiver, and the database behind it."""

    port: int
    database_url: str
    counts: Counts

    def deliver(self, event: object, *secrets: str, at: float | None = None) -> Answer:
        """Send an event as Stripe does, signed with each of the secrets."""
        body = event if isinstance(event, bytes) else json.dumps(event).encode()
        return self.send(body, {"Stripe-Signature": sign(body, *secrets, at=at)})

    def send(
        self, body: bytes | Iterable[bytes], headers: Mapping[str, str], method: str = "POST", path: str = PATH
    ) -> Answer:
        """Send a request."""
        return send(self.port, body, headers, method, path)

    def announce(self, length: int) -> Answer:
        """Send the head of a delivery and nothing of its body; return the answer that comes without it."""
        head = f"POST {PATH} HTTP/1.1\r\nHost: x\r\nStripe-Signature: t=1,v1=0\r\nContent-Length: {length}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as sender:
            sender.sendall(head.encode())
            response = http.client.HTTPResponse(sender)
            response.begin()
            return Answer(response.status, json.load(response))

    def rows(self) -> dict[str, dict[str, Any]]:
        """Return what is stored, by the event's id."""
        with connect(self.database_url, read_only=True) as connection:
            cursor = connection.execute(f"{ROWS} from public.stripe_events".encode())
            names = [column.name for column in cursor.description or ()]
            return {row[0]: dict(zip(names, row, strict=True)) for row in cursor}


def send(port: int, body: bytes | Iterable[bytes], headers: Mapping[str, str], method: str, path: str) -> Answer:
    """Send a request to a port of the loopback interface."""
    client = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(client):
        client.request(method, path, body, dict(headers))
        response = client.getresponse()
        told = response.read()
        is_json = response.headers.get_content_type() == "application/json"
        return Answer(response.status, json.loads(told) if is_json and told else told, dict(response.headers))


def sign(body: bytes, *secrets: str, at: float | None = None) -> str:
    """Return the header as the official library makes it; several secrets give several signatures."""
    moment = int(time.time() if at is None else at)
    made = [
        stripe.WebhookSignature.generate_signature_header(body.decode(errors="replace"), secret, moment)
        for secret in secrets or (SECRET,)
    ]
    return ",".join([made[0], *(header.partition(",")[2] for header in made[1:])])


@contextlib.contextmanager
def serve_receiver(database: Database, url: str = "", **options: Any) -> Iterator[Endpoint]:
    """Serve a receiver until the block ends.

    Args:
        database: Where the events are stored, by a login that may nothing but become another role.
        url: Another URL of this database.
        options: `secrets`, `livemode` and `role` for the settings, `clock` and `on_stored` for the receiver.
    """
    given = {name: options.pop(name) for name in ("secrets", "livemode", "role") if name in options}
    usual: dict[str, Any] = {"url": url or database.api_url, "secrets": (SECRET,), "livemode": False}
    settings = Settings(**usual | given)
    app = make_receiver(settings, **options)
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    threading.Thread(target=server.run, daemon=True).start()
    try:
        while not server.started:
            time.sleep(0.005)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Endpoint(port, database.admin_url, app.state.receiver.counts)
    finally:
        server.should_exit = True  # it ends by itself; waiting for it would take longer than the test
