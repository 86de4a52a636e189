"""A real purchase in the demo shop, by somebody all of whose private columns hold canaries, and all that left by it."""

import contextlib
import json
import logging
import re
import uuid
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest

from fixtures.servers import Database
from lab.cli.worker_actions import _describe_job
from lab.database.connect import connect
from lab.rules import RULES
from lab.rules.model import PrivacyClass
from lab.services.billing.mount import PATH
from lab.services.billing.settings import Settings
from lab.services.billing.sync import apply_offers
from lab.services.delivery.drain import Delivery, deliver_once
from lab.services.delivery.metrics import write_metrics
from lab.services.delivery.overview import read_deliveries
from lab.services.demo_shop import bought
from lab.services.demo_shop.app import Shop, make_app
from lab.services.demo_shop.pages import PHRASES, Pages
from lab.services.demo_shop.posting import open_posting
from lab.services.documents import Renderer
from lab.services.local_stripe import LocalStripe, serve_local_stripe
from lab.services.local_stripe.calls import Call, read_key
from lab.services.mailbox import Letter
from lab.services.serving import HOST, listen, serve
from lab.services.worker import Site, Stop, run_once
from tests.wall.actors import SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import World, enqueue, make_world

PRIVATE = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
COLUMNS = tuple((table, column) for table in RULES.tables for column in table.columns if column.privacy in PRIVATE)
ADDRESS = "auth.users.email"  # of Supabase's own table, which the rules do not declare; it is personal


@dataclass
class Left:
    """What left by a purchase.

    Args:
        canaries: The texts, by the column that they are in; a hash as its bytes.
        places: What was found at each place.
        recipients: The addresses to which messages went.
    """

    canaries: dict[str, list[bytes]]
    places: dict[str, list[bytes]] = field(default_factory=lambda: defaultdict(list))
    recipients: set[str] = field(default_factory=set)

    def keep(self, place: str, *contents: object) -> None:
        """Keep what was seen at a place."""
        self.places[place] += [one if isinstance(one, bytes) else str(one).encode() for one in contents]


def buy(database: Database, folder: Path, patch: pytest.MonkeyPatch) -> Left:
    """Buy a reading as its buyer does, let everything be delivered, look at every page, and collect what was seen."""
    world = plant(database)
    patch.setattr(bought, "QUESTION", world.word("oracle_scrolls.question"))
    patch.setattr(bought, "ANSWER", world.word("oracle_scrolls.answer"))
    left = Left(canaries={})
    with _logging(left), _asking_stripe(left, patch), serve_local_stripe(settle_seconds=None) as local:
        _shop(database, folder, local, world, left)
    _look(database, left)
    left.canaries = read_canaries(database)
    return left


def plant(database: Database) -> World:
    """Make somebody with a canary in every private column."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        world = make_world(scene)
        connection.execute(
            "update auth.users set email = %s where id = %s", [f"canary-{world.token}@example.test", world.subject]
        )
        connection.execute("select public.switch_deliveries('gift', false)")
        for channel in ("gift", "echo", "recovery", "receipt", "share_card"):
            enqueue(scene, world, channel, SERVICE, **_target(world, channel), generation=5)
    return world


def _target(world: World, channel: str) -> dict[str, object]:
    return {
        "gift": {"artifact_id": world.ids["gift"]},
        "echo": {"echo_entry_id": world.ids["echo"]},
        "share_card": {"artifact_id": world.ids["share_card"]},
    }.get(channel, {"purchase_id": world.ids["purchase"]})


def read_canaries(database: Database) -> dict[str, list[bytes]]:
    """Return what is in every private column now: each text, each text in a JSON value, each hash."""
    found: dict[str, list[bytes]] = {}
    with psycopg.connect(database.admin_url) as connection:
        for table, column in COLUMNS:
            rows = connection.execute(
                f"select {column.name} from {table.qualified} where {column.name} is not null".encode()
            ).fetchall()
            found[f"{table.id}.{column.name}"] = [text for (value,) in rows for text in _texts(value)]
        addresses = connection.execute("select email from auth.users where email like 'canary%'").fetchall()
    return found | {ADDRESS: [str(address).encode() for (address,) in addresses]}


def _texts(value: Any) -> Iterator[bytes]:
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
    elif isinstance(value, bytes):
        yield value
    elif "canary" in str(value):  # the other words of a JSON value are those of a test
        yield str(value).encode()


@contextlib.contextmanager
def _logging(left: Left) -> Iterator[None]:
    """Keep every line of every log, the most talkative included."""

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            left.keep("log", self.format(record))

    handler, root = Keep(), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.removeHandler(handler)
        root.setLevel(before)


@contextlib.contextmanager
def _asking_stripe(left: Left, patch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep every call of Stripe, but for the key in its header."""

    def read(call: Call) -> str:
        headers = {name: value for name, value in call.headers.items() if name != "authorization"}
        left.keep("stripe", json.dumps([call.method, call.path, headers, call.pairs], ensure_ascii=False))
        return read_key(call)

    patch.setattr("lab.services.local_stripe.api.read_key", read)
    yield


def _shop(database: Database, folder: Path, local: LocalStripe, world: World, left: Left) -> None:
    """Serve the shop, buy, deliver and look at everything."""
    client = local.client()
    with listen(0) as listener, contextlib.ExitStack() as stack:
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        posting = stack.enter_context(open_posting(database.api_url, address, "canary:1", folder))
        with connect(database.api_url) as connection:
            apply_offers(client, connection, RULES.offers)
        made = client.v1.webhook_endpoints.create({"url": address + PATH, "enabled_events": ["*"]})
        shop = Shop(
            database_url=database.api_url,
            client=client,
            address=address,
            buyer=world.subject,
            started_at=datetime.now(UTC),
            settings=Settings(url=database.api_url, secrets=(str(made.secret),), livemode=False),
            pages=Pages(control=f"{local.url}/_local/", lab=address, mailbox=posting.mailbox.page),
            store=posting.site.store,
            renderer=posting.site.renderer,
        )
        stack.enter_context(serve(make_app(shop), listener))
        browser = stack.enter_context(_browser(address, left))
        session = _order(browser, local)
        browser.get("/thanks", params={"session": session})
        _share(browser, session)

        def deliver() -> None:
            with contextlib.closing(Stop()) as stop:
                site = Site(url=database.api_url, worker="canary:1", client=client, livemode=False)
                for ran in run_once(site, RULES.schedule, stop, logging.warning):
                    logging.info("%s: %s %s", ran.task.id, ran.outcome, ran.summary)
                report = lambda done: logging.info(_describe_job(done))  # noqa: E731
                deliver_once(Delivery(site=posting.site, stop=stop, report=report, tell=logging.warning))

        with _failing(posting.site.renderer):
            deliver()
        _be_due(database)
        deliver()
        _read_pages(browser, session, left)
        letters = posting.mailbox.messages()
        for letter in letters:
            left.recipients.update(letter.to)
            left.keep("mail", _body(letter))
            left.keep("mail.to", letter.header("To"), *letter.to)
        _use_links(browser, address, letters)
        _read_files(database, posting.site.store, left)


def _body(letter: Letter) -> bytes:
    """Return a message without the header that names its recipient."""
    return re.sub(rb"(?m)^To: .*\r\n", b"", letter.raw, count=1)


@contextlib.contextmanager
def _browser(address: str, left: Left) -> Iterator[httpx.Client]:
    """Open a browser that keeps every address it asks for or is led to, and every page."""

    def asked(request: httpx.Request) -> None:
        left.keep("url", request.url)

    def answered(answer: httpx.Response) -> None:
        answer.read()
        left.keep("url", answer.headers.get("location", ""))
        kind = answer.headers.get("content-type", "").partition(";")[0]
        path = answer.request.url.path
        place = {"application/pdf": "pdf", "image/png": "png"}.get(kind, "print" if "/print/" in path else "page")
        left.keep(place, answer.content, json.dumps(dict(answer.headers)))

    hooks: dict[str, list[Any]] = {"request": [asked], "response": [answered]}
    with httpx.Client(base_url=address, event_hooks=hooks, timeout=60) as client:
        yield client


def _order(browser: httpx.Client, local: LocalStripe) -> str:
    """Order the first thing on the shelf, and pay it; the session."""
    page = browser.get("/").text
    visit, link = (re.search(rf'name="{name}" value="([^"]+)"', page) for name in ("visit", "link"))
    assert visit
    assert link
    answer = browser.post("/buy", data={"visit": visit[1], "link": link[1]})
    session = answer.headers["location"].rpartition("/")[2].partition("#")[0].partition("?")[0]
    local.act("pay", session)
    assert local.wait_for_deliveries()
    return str(session)


def _share(browser: httpx.Client, session: str) -> None:
    browser.post("/share", data={"session": session} | {kind: words[0] for kind, words in PHRASES.items()})


@contextlib.contextmanager
def _failing(renderer: Renderer) -> Iterator[None]:
    """Let each first rendering fail with an error that quotes the reading, as a careless library does."""
    real = renderer.render_pdf

    def fail(reading: Any) -> Any:
        raise ValueError(f"cannot render {reading.question} {reading.answer}")

    renderer.render_pdf = fail  # type: ignore[method-assign]
    try:
        yield
    finally:
        renderer.render_pdf = real  # type: ignore[method-assign]


def _be_due(database: Database) -> None:
    with psycopg.connect(database.admin_url) as connection:
        connection.execute("update public.delivery_jobs set next_run_at = now() where status = 'pending'")


def _read_pages(browser: httpx.Client, session: str, left: Left) -> None:
    """Look at every page of the purchase, also at those that are refused."""
    page = browser.get("/thanks", params={"session": session}).text
    for path in set(re.findall(r'(?:href|src)="(/[^"]+)"', page)):
        browser.get(path)
    for path in ("/activity", "/withdraw?session=x", "/files/" + str(uuid.uuid4()), "/card/" + "0" * 32, "/nothing"):
        browser.get(path)


def _use_links(browser: httpx.Client, address: str, letters: tuple[Letter, ...]) -> None:
    """Follow the links of every message, as a mail program that looks at them and as a reader who presses them."""
    links = {link for one in letters for link in re.findall(rf"{address}/[a-z]+/[0-9a-f]{{64}}", one.words("plain"))}
    for link in sorted(links):
        browser.get(link)
        if "/stop/" not in link and "/gift/" not in link:
            browser.post(link)


def _read_files(database: Database, store: Any, left: Left) -> None:
    """Read every file that is kept: also those that no page of this purchase shows."""
    with psycopg.connect(database.admin_url) as connection:
        rows = connection.execute("select storage_path from public.oracle_artifacts where state = 'ready'").fetchall()
    for (name,) in rows:
        if name:
            left.keep(str(name).rpartition(".")[2], store.get(name))
            left.keep("url", name)


def _look(database: Database, left: Left) -> None:
    """Keep what operators and machines see: the audit trail, every view, the metrics and the overview."""
    with psycopg.connect(database.admin_url) as connection:
        left.keep("audit", *_rows(connection, "public.admin_audit_events"))
        views = connection.execute(
            "select format('%I.%I', n.nspname, c.relname) from pg_catalog.pg_class c"
            " join pg_catalog.pg_namespace n on n.oid = c.relnamespace where c.relkind in ('v', 'm', 'r')"
            " and n.nspname in ('public', 'operations') and has_table_privilege('oracle_operator', c.oid, 'select')"
        ).fetchall()
        connection.execute("set local role oracle_operator")
        for (view,) in views:
            left.keep("operator", *_rows(connection, view))
    found = read_deliveries(database.url)
    left.keep("metrics", write_metrics(found))
    left.keep("operator", found)


def _rows(connection: psycopg.Connection[Any], table: str) -> list[str]:
    return [row for (row,) in connection.execute(f"select to_jsonb(t)::text from {table} t".encode()).fetchall()]
