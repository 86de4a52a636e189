"""No private column is found where the rules do not allow it, after a real purchase; and a leak would be found."""

import io
import zlib
from collections.abc import Iterator
from dataclasses import replace
from email.header import Header
from typing import Any

import psycopg
import pytest
from PIL import Image
from starlette.responses import RedirectResponse

from fixtures import servers
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.services.billing import sell
from lab.services.delivery import handle, metrics
from lab.services.demo_shop import pages
from lab.services.documents import Card, Reading, Rendered, Renderer
from lab.services.mail import Composed
from lab.services.mail import compose as mail_compose
from tests.canaries import purchase
from tests.canaries.purchase import ADDRESS, COLUMNS, Left, buy
from tests.canaries.search import find_all
from tests.documents.samples import read_chunks

# Which channel of the rules something at a place left by; None where nothing private may ever be.
PLACES: dict[str, str | None] = {
    "mail": "email",
    "pdf": "pdf",
    "print": "print_view",
    "png": "share_card",
    "page": None,
    "url": None,
    "stripe": None,
    "log": None,
    "audit": None,
    "operator": None,
    "metrics": None,
}


def list_allowed(place: str) -> set[str]:
    """Return the columns that the rules let be at a place.

    A message shows the classes of its declared fields, and an artifact those that its channel exposes, of the rows that
    it is made from.
    """
    channel = next((one for one in RULES.channels if one.id == PLACES[place]), None)
    if channel is None:
        return set()
    if channel.job and "email" in channel.job.legs:
        classes = {field.privacy for message in RULES.messages for field in message.fields}
    else:
        classes = set(channel.exposes)
    references = [column.references for column in RULES.table("oracle_artifacts").columns if column.references]
    made_from = {one.table.qualified for one in references}
    return {
        f"{table.id}.{column.name}"
        for table, column in COLUMNS
        if column.privacy in classes and table.qualified in made_from
    }


@pytest.fixture(scope="module")
def left(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """What left by a purchase."""
    own = servers.clone_database(server, "migrated")
    with pytest.MonkeyPatch.context() as patch:
        yield buy(own, tmp_path_factory.mktemp("files"), patch)
    servers.drop_database(own)


def strip_pixels(picture: bytes) -> bytes:
    """Return all of a picture but its pixels, which are compared with those of the phrases."""
    chunks = list(read_chunks(picture))
    length = 8 + sum(len(body) + 12 for _, body in chunks)
    return b"\n".join([*(body for kind, body in chunks if kind != "IDAT"), picture[length:]])


def find(left: Left, place: str) -> set[str]:
    """Return the columns whose canaries are at a place."""
    contents = [strip_pixels(one) if one.startswith(b"\x89PNG") else one for one in left.places[place]]
    found = find_all(contents, [text for texts in left.canaries.values() for text in texts])
    return {column for column, texts in left.canaries.items() if found & set(texts)}


def test_every_private_column_holds_a_canary(left: Left) -> None:
    assert set(left.canaries) == {f"{table.id}.{column.name}" for table, column in COLUMNS} | {ADDRESS}
    assert [column for column, texts in left.canaries.items() if not texts] == []


def test_every_place_was_looked_at(left: Left) -> None:
    assert {place for place in PLACES if not any(left.places[place])} == set()
    kinds = {job.id for job in RULES.jobs if "email" in job.legs}
    assert len(left.places["mail"]) >= len(kinds)


@pytest.mark.parametrize("place", PLACES)
def test_no_canary_is_where_the_rules_do_not_allow_it(left: Left, place: str) -> None:
    assert find(left, place) - list_allowed(place) == set()


def test_a_reading_is_where_the_rules_allow_it(left: Left) -> None:
    """Otherwise the search would see nothing, or the purchase would have brought nothing."""
    assert list_allowed("print") == {"oracle_scrolls.question", "oracle_scrolls.answer"} == find(left, "print")
    assert list_allowed("mail") == list_allowed("png") == set()


def test_messages_go_to_the_two_addresses_alone(left: Left) -> None:
    allowed = {text.decode() for column in (ADDRESS, "gift_recipients.contact") for text in left.canaries[column]}
    assert left.recipients <= allowed
    found = find(left, "mail.to")
    assert found == {ADDRESS, "gift_recipients.contact"}


def test_the_picture_shows_what_its_phrases_alone_make(left: Left) -> None:
    """A canary in the pixels would make another picture than the approved phrases do."""
    shown = {kind: words[0] for kind, words in pages.PHRASES.items()}
    with Renderer() as renderer:
        wanted = renderer.render_card(Card(language="en", **shown))
    pictures = [one for one in left.places["png"] if one.startswith(b"\x89PNG")]
    assert wanted.content in pictures
    assert all(Image.open(io.BytesIO(one)).size == (1200, 630) for one in pictures)


# Leaks, one at each place, each of another column, all in one purchase.

LEAKS = {
    "mail": "oracle_scrolls.answer",
    "pdf": "gift_recipients.recipient_name",
    "png": "oracle_scrolls.question",
    "page": ADDRESS,
    "url": "echo_entries.prompt",
    "stripe": "oracle_scrolls.question",
    "log": "oracle_scrolls.question",
    "audit": "gift_recipients.contact",
    "operator": "council_sessions.summary",
    "metrics": "email_suppressions.address_sha256",
    "print": "echo_entries.reply",
}


def leak(database: servers.Database, patch: pytest.MonkeyPatch) -> None:
    """Plant the leaks, as a careless change of the code would."""
    real_plant = purchase.plant

    def plant(own: servers.Database) -> Any:
        world = real_plant(own)
        words = world.words
        _leak_in_code(patch, words, f"canary-{world.token}@example.test")
        with psycopg.connect(own.admin_url) as connection:
            hidden = connection.execute(
                "select encode(address_sha256, 'hex') from public.email_suppressions"
            ).fetchone()
            assert hidden
            real_gauge = metrics._gauge
            patch.setattr(
                metrics,
                "_gauge",
                lambda registry, name, meaning, *more: real_gauge(registry, name, meaning + hidden[0], *more),
            )
            connection.execute("create view operations.careless as select summary from public.council_sessions")
            connection.execute("grant select on operations.careless to oracle_operator")
            connection.execute("alter table public.admin_audit_events disable trigger user")
            connection.execute(
                "alter table public.admin_audit_events drop constraint admin_audit_events_details_are_operational"
            )
            connection.execute(
                "update public.admin_audit_events set details = jsonb_build_object('a', %s::text)"
                " where id = (select max(id) from public.admin_audit_events)",
                [words["gift_recipients.contact"]],
            )
            connection.execute("alter table public.admin_audit_events enable trigger user")
        return world

    patch.setattr(purchase, "plant", plant)


def _leak_in_metrics(patch: pytest.MonkeyPatch, connection: psycopg.Connection[Any]) -> None:
    row = connection.execute("select encode(address_sha256, 'hex') from public.email_suppressions").fetchone()
    assert row
    real = metrics._gauge
    patch.setattr(metrics, "_gauge", lambda registry, name, why, *more: real(registry, name, why + row[0], *more))


def _leak_in_code(patch: pytest.MonkeyPatch, words: dict[str, str], address: str) -> None:
    real_card = Renderer.render_card
    real_pdf, real_print = Renderer.render_pdf, Renderer.render_print_view
    real_draw, real_lead, real_key = pages.Pages._draw, RedirectResponse, sell.make_key

    def compose(*given: Any, **more: Any) -> Composed:
        made = mail_compose(*given, **more)
        part = Header(words["oracle_scrolls.answer"], "utf-8").encode()
        return replace(made, raw=b"X-Reading: " + part.encode() + b"\r\n" + made.raw)

    def render_pdf(self: Renderer, reading: Reading) -> Rendered:
        return real_pdf(self, replace(reading, title=words["gift_recipients.recipient_name"]))

    def render_card(self: Renderer, card: Card) -> Rendered:
        made = real_card(self, card)
        return replace(made, content=add_chunk(made.content, words["oracle_scrolls.question"]))

    def render_print_view(self: Renderer, reading: Reading) -> Rendered:
        return real_print(self, replace(reading, title=words["echo_entries.reply"]))

    patch.setattr("lab.services.delivery.messages.compose", compose)
    patch.setattr(Renderer, "render_pdf", render_pdf)
    patch.setattr(Renderer, "render_card", render_card)
    patch.setattr(Renderer, "render_print_view", render_print_view)
    patch.setattr(
        pages.Pages, "_draw", lambda self, name, **more: real_draw(self, name, **more) + f"<!-- {address} -->"
    )
    patch.setattr(
        "lab.services.demo_shop.cards.RedirectResponse",
        lambda url, code: real_lead(f"{url}&prompt={words['echo_entries.prompt']}", code),
    )
    patch.setattr(
        sell, "make_key", lambda order: real_key(order) + words["oracle_scrolls.question"].replace(" ", "-")[:80]
    )
    patch.setattr(handle, "_describe", lambda defect: f"defect: {defect}")


def add_chunk(picture: bytes, text: str) -> bytes:
    """Return a picture with a compressed text in it."""
    body = b"zTXtComment\0\0" + zlib.compress(text.encode())
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    assert list(read_chunks(picture))[-1][0] == "IEND"
    return picture[:-12] + chunk + picture[-12:]


@pytest.fixture(scope="module")
def leaked(server: EmbeddedPostgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Left]:
    """What left by a purchase in a careless shop."""
    own = servers.clone_database(server, "migrated")
    with pytest.MonkeyPatch.context() as patch:
        leak(own, patch)
        yield buy(own, tmp_path_factory.mktemp("leaked"), patch)
    servers.drop_database(own)


@pytest.mark.parametrize("place", LEAKS)
def test_a_leak_is_found_where_it_is(leaked: Left, place: str) -> None:
    assert LEAKS[place] in find(leaked, place) - list_allowed(place)


def test_a_leak_was_planted_at_every_place() -> None:
    assert set(LEAKS) == set(PLACES)
