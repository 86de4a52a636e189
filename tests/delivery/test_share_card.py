"""The picture of a share-card: drawn from approved phrases, shown while its card is open, and deleted afterwards."""

import contextlib
import hashlib
import io
import threading

import psycopg
import pytest
from PIL import Image

from lab.rules import RULES
from lab.services.delivery.drain import Delivery, deliver_once
from lab.services.delivery.handle import handle_job
from lab.services.delivery.removal import remove_files
from lab.services.documents import Card, Rendered
from lab.services.files import FileChanged, FileGone, StoreFault
from lab.services.worker import Stop
from tests.delivery.people import Shop
from tests.documents.samples import read_chunks
from tests.wall.actors import OWNER, SERVICE
from tests.wall.seeds import add_card, begin_world, give, withdraw

FILE = "select storage_path, content_sha256, state from public.oracle_artifacts where id = %s"
LISTED = "select count(*) from public.storage_deletions where done_at is null"


def publish(shop: Shop, title: str = "The Tower") -> str:
    """Allow the card, open it and queue its picture; the card's slug."""
    card = shop.world.ids["share_card"]
    with shop.committing() as scene:
        give(scene, shop.world.subject, "public_share", card)
        slug = add_card(scene, shop.world, title=title)
    shop.read(
        "select job_id from public.enqueue_delivery_job('share_card', %s, %s, generation =>"
        " (select count(*) from public.share_cards where artifact_id = %s)::integer)",
        *(shop.world.subject, card, card),
    )
    return slug


def close(shop: Shop) -> None:
    """Withdraw the consent."""
    with shop.committing() as scene:
        withdraw(scene, shop.world.subject, "public_share", shop.world.ids["share_card"])


def find_file(shop: Shop) -> tuple[str | None, bytes | None, str]:
    """Return name, hash and state of the card's artifact."""
    ((name, digest, state),) = shop.read(FILE, shop.world.ids["share_card"])
    return name, digest, state


def test_an_open_card_becomes_a_picture(shop: Shop) -> None:
    publish(shop)
    assert [(done.state, done.code) for done in shop.run()] == [("done", None)]
    name, digest, state = find_file(shop)
    content = shop.site.store.get(str(name))
    assert (state, digest) == ("ready", hashlib.sha256(content).digest())
    assert Image.open(io.BytesIO(content)).size == (1200, 630)
    assert {chunk for chunk, _ in read_chunks(content)} <= {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"}


def test_nothing_but_approved_phrases_is_drawn(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn: list[Card] = []
    real = shop.site.renderer.render_card

    def render(card: Card) -> Rendered:
        drawn.append(card)
        return real(card)

    monkeypatch.setattr(shop.site.renderer, "render_card", render)
    publish(shop)
    shop.run()
    (card,) = drawn
    approved = {(phrase.kind, phrase.words, phrase.locale) for phrase in RULES.phrases}
    shown = {"title": card.title, "line": card.line, "symbol": card.symbol, "palette": card.palette}
    assert {(kind, words, card.language) for kind, words in shown.items()} <= approved


def test_a_repeated_job_changes_nothing(shop: Shop) -> None:
    publish(shop)
    shop.run()
    before = find_file(shop)
    shop.read(
        "select job_id from public.enqueue_delivery_job('share_card', %s, %s, generation => 9)",
        *(shop.world.subject, shop.world.ids["share_card"]),
    )
    assert [done.state for done in shop.run()] == ["done"]
    assert find_file(shop) == before
    assert shop.read(LISTED) == [(0,)]


def test_a_withdrawal_closes_the_card_and_deletes_its_picture(shop: Shop) -> None:
    slug = publish(shop)
    shop.run()
    name, *_ = find_file(shop)
    close(shop)
    assert shop.read("select * from public.open_share_card(%s)", slug) == []
    assert find_file(shop)[:2] == (None, None)
    assert shop.site.store.get(str(name))
    run_once(shop)
    with pytest.raises(FileGone):
        shop.site.store.get(str(name))
    assert shop.read(LISTED) == [(0,)]


def test_a_withdrawn_artifact_loses_its_card_and_its_picture(shop: Shop) -> None:
    """As after a refund of what it was bought with."""
    slug = publish(shop)
    shop.run()
    withdrawn = "update public.oracle_artifacts set state = 'withdrawn' where id = %s"
    assert shop.change(withdrawn, shop.world.ids["share_card"]) == 1
    assert shop.read("select * from public.open_share_card(%s)", slug) == []
    assert find_file(shop) == (None, None, "withdrawn")
    assert shop.read(LISTED) == [(1,)]


def test_no_picture_is_kept_for_a_card_that_is_not_open(shop: Shop) -> None:
    path = "update public.oracle_artifacts set storage_path = 'abcdef0123456789' where id = %s"
    with shop.committing() as scene:
        for actor in (SERVICE, OWNER):
            assert scene.refusal(actor, path, shop.world.ids["share_card"]) == "42501"
            assert scene.refusal(actor, path, shop.world.ids["pdf"]) == ""


def test_a_card_that_is_opened_again_gets_the_same_picture(shop: Shop) -> None:
    publish(shop)
    shop.run()
    before = find_file(shop)
    close(shop)
    publish(shop)
    assert [(done.state, done.code) for done in shop.run()] == [("pending", "database.23514")]  # until it is deleted
    run_once(shop)
    shop.be_due()
    assert [done.state for done in shop.run()] == ["done"]
    assert find_file(shop) == before
    assert shop.site.store.get(str(before[0]))


def test_two_people_with_the_same_card_have_a_file_each(shop: Shop) -> None:
    publish(shop)
    shop.run()
    first = find_file(shop)
    with shop.committing() as scene:
        other = begin_world(scene)
        give(scene, other.subject, "public_share", other.ids["share_card"])
        add_card(scene, other)
    queue = "select job_id from public.enqueue_delivery_job('share_card', %s, %s)"
    shop.read(queue, other.subject, other.ids["share_card"])
    assert [done.state for done in shop.run()] == ["done"]
    ((name, digest, _),) = shop.read(FILE, other.ids["share_card"])
    assert (name != first[0], digest) == (True, first[1])
    close(shop)
    run_once(shop)
    assert shop.site.store.get(name)


def test_no_job_is_queued_without_the_consent(shop: Shop) -> None:
    queue = "select job_id from public.enqueue_delivery_job('share_card', %s, %s)"
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        shop.read(queue, shop.world.subject, shop.world.ids["share_card"])


def test_a_withdrawal_cancels_what_is_queued(shop: Shop) -> None:
    publish(shop)
    close(shop)
    assert shop.run() == []
    assert [state for *_, state in shop.states()] == ["cancelled"]


def test_a_withdrawal_between_claim_and_drawing_leaves_no_file(shop: Shop) -> None:
    publish(shop)
    with shop.connect() as connection:
        (job,) = shop.claim(connection)
        close(shop)
        assert handle_job(shop.site, connection, job, print).state == "cancelled"
    assert find_file(shop)[:2] == (None, None)


def test_a_withdrawal_while_the_picture_is_drawn_leaves_no_row(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(shop)
    real = shop.site.renderer.render_card

    def render(card: Card) -> Rendered:
        close(shop)
        return real(card)

    monkeypatch.setattr(shop.site.renderer, "render_card", render)
    assert [done.state for done in shop.run()] == ["cancelled"]
    assert find_file(shop)[:2] == (None, None)


def test_a_withdrawal_during_the_write_takes_the_picture_with_it(shop: Shop) -> None:
    """The row is written in a transaction that is still open when the consent is withdrawn."""
    publish(shop)
    with shop.connect() as connection, shop.connect() as other:
        (job,) = shop.claim(connection)
        withdrawn = threading.Thread(target=close, args=(shop,))
        with other.transaction():
            other.execute("set local role service_role")
            other.execute(
                "update public.oracle_artifacts set storage_path = 'abcdef0123456789' where id = %s", [job.artifact]
            )
            withdrawn.start()
            withdrawn.join(5)
            assert not withdrawn.is_alive()  # it waits for nobody
    assert shop.read(LISTED) == [(0,)]
    settle(shop)
    assert find_file(shop)[0] is None
    assert shop.read(LISTED) == [(1,)]


def settle(shop: Shop) -> None:
    """Apply the withdrawals that found a locked row, as the worker does."""
    with shop.committing() as scene:
        scene.value(SERVICE, "select public.settle_consents(1000)")


def test_a_file_that_was_deleted_in_between_is_stored_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(shop)
    store = shop.site.store
    real, put = store.put, []

    def put_and_lose(content: bytes, suffix: str, owner: str) -> str:
        put.append(real(content, suffix, owner))
        if len(put) == 1:
            store.delete(put[0])
        return put[-1]

    monkeypatch.setattr(store, "put", put_and_lose)
    assert [done.state for done in shop.run()] == ["done"]
    assert len(put) == 2
    assert store.get(put[0])


def test_a_changed_file_is_told_apart(shop: Shop) -> None:
    publish(shop)
    shop.run()
    name = str(find_file(shop)[0])
    (shop.folder / name).write_bytes(b"another picture")
    with pytest.raises(FileChanged):
        shop.site.store.get(name)
    for strange in ("../secrets.pdf", "/etc/passwd", "ab/cd"):
        with pytest.raises(FileGone):
            shop.site.store.get(strange)


def test_a_store_that_refuses_keeps_the_list(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    publish(shop)
    shop.run()
    close(shop)

    def refuse(name: str) -> None:
        raise StoreFault("store.denied")

    monkeypatch.setattr(shop.site.store, "delete", refuse)
    assert run_once(shop) == ["warning: Files on the list of deletions are kept for now: store.denied"]
    assert shop.read(LISTED) == [(1,)]


def test_one_worker_at_a_time_deletes(shop: Shop) -> None:
    publish(shop)
    shop.run()
    close(shop)
    with shop.connect() as one, shop.connect() as other, one.transaction():
        one.execute("select pg_advisory_xact_lock(hashtextextended('deletion of files', 0))")
        assert remove_files(shop.site.store, other) == 0
    with shop.connect() as other:
        assert remove_files(shop.site.store, other) == 1


def run_once(shop: Shop) -> list[str]:
    """Let a worker do what is due; what it told."""
    told: list[str] = []
    with contextlib.closing(Stop()) as stop:
        deliver_once(Delivery(site=shop.site, stop=stop, report=lambda done: None, tell=told.append))
    return told
