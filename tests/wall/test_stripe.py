"""Stripe: the same event and the same checkout count once, however they arrive; no person is in a payload."""

import threading
import uuid
from collections.abc import Callable
from typing import get_args

import pytest
from psycopg.types.json import Jsonb
from stripe.params import WebhookEndpointCreateParams

from fixtures.servers import Database
from lab.database.connect import as_data_api, connect
from lab.database.embedded.server import EmbeddedPostgres
from tests.wall.actors import OWNER, SERVICE
from tests.wall.scenes import Scene
from tests.wall.seeds import begin_world

RECORD = "select public.record_stripe_event(%s, 'checkout.session.completed', now(), false, %s)"


def test_ten_at_once_record_one(each_server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    own, barrier, firsts = database(each_server), threading.Barrier(10), list[bool]()

    def deliver() -> None:
        with connect(own.api_url) as connection:
            barrier.wait(timeout=20)
            with as_data_api(connection, role="service_role", commit=True) as api:
                row = api.execute(RECORD, ["evt_same", Jsonb({"amount": 1})]).fetchone()
                assert row
                firsts.append(row[0])

    threads = [threading.Thread(target=deliver) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(firsts) == [False] * 9 + [True]
    with connect(own.url, read_only=True) as connection:
        assert connection.execute("select id, deliveries from public.stripe_events").fetchall() == [("evt_same", 10)]


def test_a_repetition_changes_nothing_but_the_count(scene: Scene) -> None:
    assert scene.value(SERVICE, RECORD, "evt_1", Jsonb({"amount": 1})) is True
    scene.count(SERVICE, "update public.stripe_events set status = 'done' where id = 'evt_1'")
    assert scene.value(SERVICE, RECORD, "evt_1", Jsonb({"amount": 2})) is False
    kept = "select status, payload, deliveries from public.stripe_events where id = 'evt_1'"
    assert scene.rows(SERVICE, kept) == [("done", {"amount": 1}, 2)]


PAYLOADS = {
    "ids and amounts": ({"id": "cs_test_1", "amount": 1900, "paid": True, "items": [{"price": "price_1"}]}, ""),
    "state": ({"data": {"object": {"payment_status": "paid", "currency": "eur", "payment_intent": None}}}, ""),
    "an event": ({"id": "evt_1", "object": "event", "type": "charge.dispute.created", "created": 1764374400}, ""),
    "e-mail field": ({"customer_email": "x"}, "23514"),
    "details": ({"customer_details": {"id": "x"}}, "23514"),
    "a customer": ({"data": {"object": {"customer": "cus_1"}}}, "23514"),
    "nested address": ({"data": {"object": {"who": "somebody@example.test"}}}, "23514"),
    "nested name": ({"data": [{"n": "Ada Lovelace"}]}, "23514"),
    "metadata": ({"metadata": {}}, "23514"),
    "a list": ([1], "23514"),
    "a question as a key": ({"Will my mother survive?": 1}, "23514"),
    "a question as a nested key": ({"data": {"object": {"will_my_mother_survive": True}}}, "23514"),
    "a key made of two": ({"data.object": {"id": "cs_test_1"}}, "23514"),
    "a key made of brackets": ({"items[].id": "cs_test_1"}, "23514"),
    "an empty key": ({"": "paid"}, "23514"),
    "a question as a state": ({"status": "Will my mother survive?"}, "23514"),
    "a question as an id": ({"id": "Will my mother survive?"}, "23514"),
    "a question as a type": ({"type": "charge.will_my_mother_survive"}, "23514"),
    "a text where a number stands": ({"amount": "Ada Lovelace"}, "23514"),
    "a number of a thousand digits": ({"amount": 10**1000}, "23514"),
    "an object where a text stands": ({"status": {"paid": True}}, "23514"),
    "a list in a list": ({"items": [["price_1"]]}, "23514"),
    "words in a list": ({"items": ["Ada", "Lovelace"]}, "23514"),
    "a list without end": ({"items": [{"price": "price_1"}] * 500}, "23514"),
    "an unlisted item": ({"items": [{"description": "x"}]}, "23514"),
    "a line more": ({"status": "paid\nAda Lovelace"}, "23514"),
    "other letters": ({"status": "\u0440\u0430id"}, "23514"),
}


def test_every_type_that_stripe_documents_is_kept(scene: Scene) -> None:
    (declared,) = get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])
    types = sorted({*get_args(declared)} - {"*"})
    lost = scene.rows(OWNER, "select t from unnest(%s::text[]) as t where wall.stripe_type(t) <> t", types)
    assert len(types) > 200
    assert lost == []


@pytest.mark.parametrize("what", ["charge.will_my_mother_survive", "Will my mother survive?", "charge", "a.b", ""])
def test_a_type_of_other_words_is_recorded_as_unknown(scene: Scene, what: str) -> None:
    call = "select public.record_stripe_event(%s, %s, now(), false, '{}')"
    assert scene.value(SERVICE, call, "evt_1", what) is True
    assert scene.value(SERVICE, "select type from public.stripe_events where id = 'evt_1'") == "unknown"
    past = (
        "insert into public.stripe_events (id, type, stripe_created_at, livemode, payload)"
        " values ('evt_2', %s, now(), false, '{}')"
    )
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, past, what) == "23514"


@pytest.mark.parametrize("what", PAYLOADS)
def test_no_person_is_in_a_payload(scene: Scene, what: str) -> None:
    payload, state = PAYLOADS[what]
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, RECORD, f"evt_{uuid.uuid4().hex}", Jsonb(payload)) == state


def test_the_same_checkout_counts_once(scene: Scene) -> None:
    world = begin_world(scene)
    again = (
        "insert into public.purchases (checkout_session_id, purchase_link_id, amount_minor, currency, livemode)"
        " values (%s, %s, 1900, 'eur', false)"
    )
    assert scene.refusal(SERVICE, again, f"cs_test_{world.sale}", world.ids["link"]) == "23505"
    assert scene.refusal(SERVICE, again, "cs_test_other", world.ids["link"]) == ""
    rename = "update public.purchases set checkout_session_id = 'cs_test_mine' where id = %s"
    assert scene.refusal(OWNER, rename, world.ids["purchase"]) == "23514"


MOVES = {
    ("paid", "refunded"): "23514",
    ("paid", "disputed"): "",
    ("paid", "open"): "23514",
    ("paid", "expired"): "23514",
    ("disputed", "paid"): "",
    ("disputed", "refunded"): "23514",
}
# What a state needs besides its name.
NEEDS = {
    "refunded": ", refunded_at = now()",
    "disputed": ", disputed_at = coalesce(disputed_at, now())",
}


@pytest.mark.parametrize(("origin", "to"), MOVES)
def test_a_payment_moves_as_its_rules_say(scene: Scene, origin: str, to: str) -> None:
    world = begin_world(scene)
    move = "update public.purchases set status = %s{} where id = %s"
    if origin != "paid":
        scene.count(SERVICE, move.format(NEEDS[origin]), origin, world.ids["purchase"])
    for actor in (SERVICE, OWNER):
        assert scene.refusal(actor, move.format(NEEDS.get(to, "")), to, world.ids["purchase"]) == MOVES[origin, to]


WRONG = {
    "more back than paid": "update public.purchases set amount_refunded_minor = 1901 where id = %s",
    "unlocked before paid": "update public.purchases set paid_at = null, unlocked_at = now() where id = %s",
    "paid without a date": "update public.purchases set paid_at = null where id = %s",
    "back without a date": "update public.purchases set amount_refunded_minor = 1900 where id = %s",
}


@pytest.mark.parametrize("what", WRONG)
def test_books_that_do_not_add_up_are_refused(scene: Scene, what: str) -> None:
    assert scene.refusal(OWNER, WRONG[what], begin_world(scene).ids["purchase"]) == "23514"


def test_an_event_begins_as_received(scene: Scene) -> None:
    insert = (
        "insert into public.stripe_events (id, type, stripe_created_at, livemode, payload, status)"
        " values ('evt_x', 'a', now(), false, '{}', 'done')"
    )
    assert scene.refusal(OWNER, insert) == "23514"
