"""The notice that an Echo has returned: once, by its own link, without a word of it, and not after a withdrawal."""

import uuid

import pytest

from lab.services.mailbox import faults
from tests.delivery.people import ADDRESS, Shop
from tests.wall.actors import SERVICE
from tests.wall.seeds import give, withdraw

PROMPT, REPLY = "Shall I write to my brother?", "The letter is already on its way to you."


@pytest.fixture
def echo(shop: Shop) -> uuid.UUID:
    """An Echo that waits for its day, of a person who allows its return."""
    with shop.committing() as scene:
        give(scene, shop.world.subject, "echo_followup")
        return scene.key(
            SERVICE,
            "insert into public.echo_entries (subject_id, scroll_id, purchase_id, prompt, due_at)"
            " values (%s, %s, %s, %s, now() + interval '7 days') returning id",
            *(shop.world.subject, shop.world.ids["scroll"], shop.world.ids["purchase"], PROMPT),
        )


def announce(shop: Shop, echo: uuid.UUID, *, later: str = "0") -> None:
    """Let the Echo return, and queue its notice in the same transaction, as the site does."""
    with shop.committing() as scene:
        returned = "update public.echo_entries set status = 'returned', reply = %s, returned_at = now() where id = %s"
        scene.count(SERVICE, returned, REPLY, echo)
        queue = "select job_id from public.enqueue_delivery_job('echo', %s, echo_entry_id => %s, run_at => now() + %s)"
        scene.rows(SERVICE, queue, shop.world.subject, echo, later)


def use(shop: Shop, token: str) -> dict[str, object]:
    """Use a link as the site does."""
    row = shop.read("select to_jsonb(u) from public.use_delivery_link(%s) u", token)[0][0]
    assert isinstance(row, dict)
    return row


def test_a_returned_echo_is_announced_and_its_link_leads_to_it(shop: Shop, echo: uuid.UUID) -> None:
    announce(shop, echo)
    assert [(done.state, done.job.channel, done.job.echo) for done in shop.run()] == [("done", "echo", echo)]
    (letter,) = shop.mailbox.messages()
    assert letter.header("Subject") == "Your Echo has returned"
    words = letter.words("plain")
    token = next(word for word in words.split() if word.startswith(f"{ADDRESS}/r/")).rpartition("/")[2]
    assert use(shop, token) | {"subject_id": ""} == {
        "purpose": "open",
        "channel": "echo",
        "subject_id": "",
        "artifact_id": None,
        "purchase_id": None,
        "echo_entry_id": str(echo),
    }
    rows = shop.read("select state from public.delivery_effects")
    assert rows == [("sent",)]


def test_no_word_of_an_echo_leaves_by_mail(shop: Shop, echo: uuid.UUID) -> None:
    announce(shop, echo)
    shop.run()
    (letter,) = shop.mailbox.messages()
    seen = letter.raw.decode() + letter.words("plain") + letter.words("html")
    private = (PROMPT, REPLY, *shop.world.words.values(), str(echo))
    assert [words for words in private if words in seen] == []


def test_it_is_announced_on_its_day_and_once(shop: Shop, echo: uuid.UUID) -> None:
    announce(shop, echo, later="3 days")
    assert shop.run() == []
    shop.be_due()
    assert [done.state for done in shop.run()] == ["done"]
    again = "select made from public.enqueue_delivery_job('echo', %s, echo_entry_id => %s)"
    assert shop.read(again, shop.world.subject, echo) == [(False,)]
    assert shop.run() == []
    assert len(shop.mailbox.messages()) == 1


@pytest.mark.parametrize("purpose", ["echo_followup", "email_delivery"])
def test_a_withdrawal_before_its_day_sends_nothing(shop: Shop, echo: uuid.UUID, purpose: str) -> None:
    announce(shop, echo, later="3 days")
    with shop.committing() as scene:
        withdraw(scene, shop.world.subject, purpose)
    shop.be_due()
    assert shop.run() == []
    assert (shop.states(), shop.mailbox.messages()) == ([("echo", "email", "cancelled")], ())


def test_a_provider_that_is_busy_is_asked_again_with_the_same_message(shop: Shop, echo: uuid.UUID) -> None:
    shop.mailbox.order(faults.answer("rcpt", "450 4.2.1 Busy"))
    announce(shop, echo)
    assert [done.state for done in shop.run()] == ["pending"]
    shop.be_due()
    assert [done.state for done in shop.run()] == ["done"]
    digests = shop.read("select count(distinct content_sha256) from public.delivery_effects")
    assert (digests, len(shop.mailbox.messages())) == ([(1,)], 1)
