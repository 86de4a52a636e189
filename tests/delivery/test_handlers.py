"""Each kind of job, done for real: a file in the account, a message in the mailbox."""

import hashlib
import re
import uuid

import pytest

from lab.rules import RULES
from lab.services.delivery.artifacts import MAKERS
from lab.services.delivery.links import ACCEPT, derive_token, hash_token
from lab.services.delivery.messages import FIELDS
from tests.delivery.people import ADDRESS, SECRET, Shop
from tests.wall.actors import SERVICE, person
from tests.wall.seeds import add_gift, give, give_all

LINK = re.compile(re.escape(ADDRESS) + r"/[a-z]+/[0-9a-f]{64}")


def test_every_leg_of_the_rules_has_a_handler() -> None:
    assert set(FIELDS) == {job.id for job in RULES.jobs if "email" in job.legs}
    assert set(MAKERS) == {job.id for job in RULES.jobs if "account" in job.legs}


def test_a_reading_becomes_a_file_in_its_account(shop: Shop) -> None:
    shop.queue("pdf")
    assert [done.state for done in shop.run()] == ["done"]
    state, name, digest = shop.read(
        "select state, storage_path, content_sha256 from public.oracle_artifacts where id = %s", shop.world.ids["pdf"]
    )[0]
    content = shop.site.store.get(name)
    assert (state, hashlib.sha256(content).digest()) == ("ready", digest)
    assert content.startswith(b"%PDF-")


def test_a_repeated_rendering_changes_nothing(shop: Shop) -> None:
    shop.queue("pdf")
    shop.run()
    before = shop.read("select storage_path, content_sha256 from public.oracle_artifacts where kind = 'pdf'")
    again = "select count(*) from public.enqueue_delivery_job('pdf', %s, %s, null, null, 1)"
    shop.read(again, shop.world.subject, shop.world.ids["pdf"])
    assert [done.state for done in shop.run()] == ["done"]
    assert shop.read("select storage_path, content_sha256 from public.oracle_artifacts where kind = 'pdf'") == before


@pytest.mark.parametrize(
    ("question", "code"),
    [
        pytest.param("Will it rain? " * 80_000, "render.too_large", id="a long question"),
        pytest.param("a" + "\u0301" * 10_000, "render.too_large", id="combining marks"),
    ],
)
def test_what_cannot_be_rendered_is_a_dead_letter_and_the_next_job_goes_on(
    shop: Shop, question: str, code: str
) -> None:
    with shop.committing() as scene, scene.past_every_trigger() as connection:
        connection.execute("alter table public.oracle_scrolls drop constraint oracle_scrolls_question_length")
        connection.execute("update public.oracle_scrolls set question = %s", [question])
    shop.queue("pdf")
    shop.queue("email")
    assert [(done.state, done.code) for done in shop.run()] == [("dead", code), ("done", None)]


@pytest.mark.parametrize("channel", ["email", "receipt", "recovery"])
def test_a_message_arrives_with_its_links(shop: Shop, channel: str) -> None:
    shop.queue(channel)
    assert {done.state for done in shop.run()} == {"done"}
    (letter,) = shop.mailbox.messages()
    assert letter.to == (str(shop.read("select email from auth.users where id = %s", shop.world.subject)[0][0]),)
    links = LINK.findall(letter.words("plain"))
    kept = [bytes(digest) for (digest,) in shop.read("select token_sha256 from public.delivery_links")]
    assert links
    assert {hash_token(link.rsplit("/", 1)[1]) for link in links} <= set(kept)
    stop = letter.header("List-Unsubscribe").strip("<>")
    assert hash_token(stop.rsplit("/", 1)[1]) in kept


def test_a_receipt_says_what_was_paid(shop: Shop) -> None:
    shop.queue("receipt")
    shop.run()
    (letter,) = shop.mailbox.messages()
    for words in (letter.words("plain"), letter.words("html")):
        assert "19.00" in words
        assert str(shop.world.ids["purchase"]) in words


def test_an_invitation_leads_to_its_gift(shop: Shop) -> None:
    with shop.committing() as scene:
        give_all(scene, shop.world)
        gift = uuid.uuid4()
        scene.count(
            SERVICE,
            "insert into public.gift_recipients (id, subject_id, artifact_id, contact, token_sha256)"
            " values (%s, %s, %s, 'friend@example.test', %s)",
            *(gift, shop.world.subject, shop.world.ids["gift"], hash_token(derive_token(SECRET, ACCEPT, str(gift)))),
        )
    shop.queue("gift")
    assert [done.state for done in shop.run()] == ["done"]
    (letter,) = shop.mailbox.messages()
    assert letter.to == ("friend@example.test",)
    (link,) = {link for link in LINK.findall(letter.words("plain")) if "/gift/" in link}
    with shop.committing() as scene:
        friend = scene.make_person()
        assert scene.value(person(friend), "select public.accept_gift(%s)", link.rsplit("/", 1)[1])


def test_an_invitation_that_was_taken_back_is_not_sent(shop: Shop) -> None:
    with shop.committing() as scene:
        give_all(scene, shop.world)
        add_gift(scene, shop.world)
    shop.queue("gift")
    shop.change("update public.gift_recipients set withdrawn_at = now(), contact = null")
    assert [(done.state, shop.mailbox.messages()) for done in shop.run()] == [("dead", ())]


def test_what_left_can_be_proved(shop: Shop) -> None:
    shop.queue("email")
    shop.run()
    (letter,) = shop.mailbox.messages()
    rows = shop.read(
        "select e.state, e.rules_version, g.purpose, g.action from public.delivery_effects e"
        " join public.consent_events g on g.id = e.consent_event_id where e.content_sha256 = %s",
        hashlib.sha256(letter.raw).digest(),
    )
    assert rows == [("sent", shop.site.rules_version, "email_delivery", "given")]


def test_nothing_private_leaves_by_mail(shop: Shop) -> None:
    with shop.committing() as scene:
        give_all(scene, shop.world)
    for channel in ("email", "receipt", "recovery"):
        shop.queue(channel)
    shop.run()
    letters = shop.mailbox.messages()
    assert len(letters) == 3
    for letter in letters:
        seen = letter.raw.decode() + letter.words("plain") + letter.words("html")
        assert not [word for word in shop.world.words.values() if word in seen]


def test_a_consent_that_is_given_later_lets_the_receipt_go(shop: Shop) -> None:
    with shop.committing() as scene:
        give(scene, shop.world.subject, "email_delivery", action="withdrawn")
    shop.queue("receipt")
    shop.run()
    assert [state for *_, state in shop.states()] == ["done", "waiting"]
    with shop.committing() as scene:
        give(scene, shop.world.subject, "email_delivery")
    shop.run()
    assert [state for *_, state in shop.states()] == ["done", "done"]
    assert len(shop.mailbox.messages()) == 1
