"""Measures how many of Stripe's events the receiver stores in a second, over HTTP with real signatures.

Its floor is a bare insert, committed, into a table with the same columns, but without keys, triggers and constraints.
Every commit waits for the disk.
"""

import contextlib
import http.client
import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import stripe
import uvicorn

from benchmarks.sql_apply import BARE
from benchmarks.timing import Row, read_options, report, summarise
from lab.database.embedded.server import BOOTSTRAP, EmbeddedPostgres, start_embedded
from lab.migrations.apply import apply_migrations
from lab.services.billing.asgi import make_receiver
from lab.services.billing.mount import PATH
from lab.services.billing.settings import Settings

BATCH = 40
SENDERS = 8
SECRET = "whsec_" + "benchmark" * 4
FLOOR = """
create schema floor;
create table floor.stripe_events as select * from public.stripe_events where false;
"""
INSERT = """
insert into floor.stripe_events
       (id, type, stripe_created_at, livemode, status, deliveries, attempts, payload, created_at)
values (%s, 'checkout.session.completed', now(), false, 'received', 1, 0, %s, now())
"""
RECORD = "select public.record_stripe_event(%s, 'checkout.session.completed', now(), false, %s)"
PAYLOAD = {"type": "checkout.session.completed", "data": {"object": {"id": "cs_test_1", "amount_total": 4900}}}
_IDS = count(1)


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=15)
    with tempfile.TemporaryDirectory() as folder:
        server = start_embedded(Path(folder) / "postgres")
        try:
            rows = _measure(server, options.rounds)
        finally:
            server.stop()
    rates = ", ".join(f"{row.name}: {1 / row.p50:,.0f}" for row in rows)
    notes = [f"Each run is {BATCH} events; times are of one.", f"Events a second: {rates}."]
    report("Stripe's events", rows, options.json, notes)


def _measure(server: EmbeddedPostgres, rounds: int) -> list[Row]:
    _prepare(server)
    with psycopg.connect(server.admin_url(BARE), autocommit=True) as connection, _serve(server) as port:
        works = _works(connection, port)
        for work in works.values():
            _time(work)
        taken: dict[str, list[float]] = {name: [] for name in works}
        for _ in range(rounds):
            for name, work in works.items():
                taken[name].append(_time(work))
    floor, *others = works
    bare = summarise(floor, taken[floor])
    return [bare, *(summarise(name, taken[name], bare) for name in others)]


def _prepare(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"create database {BARE} owner postgres".encode())
    with psycopg.connect(server.admin_url(BARE)) as admin:
        admin.execute(BOOTSTRAP.read_bytes())
    apply_migrations(server.url(BARE))
    with psycopg.connect(server.admin_url(BARE)) as admin:
        admin.execute(FLOOR.encode())


@contextlib.contextmanager
def _serve(server: EmbeddedPostgres) -> Iterator[int]:
    """Serve a receiver on a free port."""
    settings = Settings(url=server.url(BARE, "authenticator"), secrets=(SECRET,), livemode=False)
    served = uvicorn.Server(uvicorn.Config(make_receiver(settings), port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=served.run, daemon=True)
    thread.start()
    while not served.started:
        time.sleep(0.01)
    yield served.servers[0].sockets[0].getsockname()[1]
    served.should_exit = True
    thread.join(timeout=30)


def _works(connection: psycopg.Connection[Any], port: int) -> dict[str, Callable[[], object]]:
    def write(statement: str) -> None:
        for _ in range(BATCH):
            connection.execute(statement.encode(), [f"evt_{next(_IDS)}", json.dumps(PAYLOAD)])

    def deliver_at_once() -> None:
        with ThreadPoolExecutor(SENDERS) as senders:
            for sender in [senders.submit(_deliver, port, BATCH // SENDERS) for _ in range(SENDERS)]:
                sender.result()

    return {
        "bare insert": lambda: write(INSERT),
        "record_stripe_event": lambda: write(RECORD),
        "receiver, one sender": lambda: _deliver(port, BATCH),
        f"receiver, {SENDERS} senders": deliver_at_once,
    }


def _deliver(port: int, events: int) -> None:
    """Send events one after the other over one connection."""
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as client:
        for _ in range(events):
            body = json.dumps(_make_event())
            signed = stripe.WebhookSignature.generate_signature_header(body, SECRET)
            client.request("POST", PATH, body, {"Stripe-Signature": signed})
            response = client.getresponse()
            if json.load(response) != {"received": True, "first": True}:
                raise RuntimeError(f"the receiver answered {response.status}")


def _make_event() -> dict[str, Any]:
    """Return an event of the usual size, about 3 kB."""
    session = {"id": "cs_test_1", "object": "checkout.session", "amount_total": 4900, "metadata": {"order": "o" * 2600}}
    about = {
        "api_version": "2026-10-28.endive",
        "created": int(time.time()),
        "livemode": False,
        "data": {"object": session},
    }
    return {"id": f"evt_{next(_IDS)}", "object": "event", "type": "checkout.session.completed", **about}


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) / BATCH


if __name__ == "__main__":
    main()
