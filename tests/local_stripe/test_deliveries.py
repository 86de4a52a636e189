"""Deliveries: signed, tried again, given up, and counted as Stripe counts them; and each fault on demand."""

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
import stripe

from lab.services.local_stripe import LocalStripe, WrongFault, serve_local_stripe
from tests.local_stripe.receiver import Receiver, receive
from tests.local_stripe.served import serve_briefly
from tests.local_stripe.shop import Shop

CUSTOMERS = ["customer.created", "customer.updated", "customer.deleted"]


def listen(local: LocalStripe, receiver: Receiver, *types: str, **more: Any) -> stripe.WebhookEndpoint:
    wanted: Any = {"url": f"{receiver.url}/hook", "enabled_events": list(types) or ["*"], **more}
    return local.client().v1.webhook_endpoints.create(wanted)


def secret_of(endpoint: stripe.WebhookEndpoint) -> str:
    assert endpoint.secret is not None
    return endpoint.secret


def test_events_come_in_order_and_signed(fresh: LocalStripe, receiver: Receiver) -> None:
    endpoint = listen(fresh, receiver)
    session = Shop(fresh).pay()
    assert fresh.wait_for_deliveries()
    events = receiver.events(secret_of(endpoint))
    assert [event.type for event in events] == [
        "product.created", "price.created", "payment_intent.created", "charge.succeeded", "payment_intent.succeeded",
        "checkout.session.completed",
    ]  # fmt: skip
    assert set(receiver.paths) == {"/hook"}
    completed = events[-1]
    assert completed.data.object["id"] == session.id
    assert (completed.pending_webhooks, completed.livemode) == (1, False)
    assert "line_items" not in completed.data.object
    read = fresh.client().v1.events.retrieve(completed.id)
    assert read.pending_webhooks == 0
    assert read.data.to_dict() == completed.data.to_dict()


def test_an_event_names_the_call_that_made_it(fresh: LocalStripe, receiver: Receiver) -> None:
    endpoint = listen(fresh, receiver)
    made = fresh.client().v1.customers.create({}, {"idempotency_key": "order-5"})
    assert fresh.wait_for_deliveries()
    (event,) = receiver.events(secret_of(endpoint))
    assert event.request is not None
    assert made.last_response is not None
    assert (event.request.id, event.request.idempotency_key) == (made.last_response.request_id, "order-5")


def test_another_secret_and_a_changed_body_are_refused(fresh: LocalStripe, receiver: Receiver) -> None:
    endpoint = listen(fresh, receiver)
    fresh.client().v1.customers.create({})
    assert fresh.wait_for_deliveries()
    body, header = receiver.received[0]
    for changed, secret in ((body, "whsec_x"), (body.replace(b"cus_", b"cus-"), secret_of(endpoint))):
        with pytest.raises(stripe.SignatureVerificationError):
            stripe.Webhook.construct_event(changed, header, secret)


def test_an_endpoint_gets_the_types_that_it_wants_while_it_is_enabled(fresh: LocalStripe, receiver: Receiver) -> None:
    endpoints = fresh.client().v1.webhook_endpoints
    endpoint = listen(fresh, receiver, "customer.created", api_version="2020-08-27")
    secret = secret_of(endpoint)
    assert "secret" not in endpoints.retrieve(endpoint.id)
    customers = fresh.client().v1.customers
    customers.delete(customers.create({}).id)
    endpoints.update(endpoint.id, {"enabled_events": ["customer.deleted"]})
    customers.delete(customers.create({}).id)
    assert fresh.wait_for_deliveries()  # a disabled endpoint would not get what is still on its way
    endpoints.update(endpoint.id, {"disabled": True})
    customers.delete(customers.create({}).id)
    assert fresh.wait_for_deliveries()
    assert receiver.types(secret) == ["customer.created", "customer.deleted"]
    assert {event.api_version for event in receiver.events(secret)} == {"2020-08-27"}
    assert endpoints.delete(endpoint.id).deleted
    assert endpoints.list().data == []


def test_a_failed_delivery_is_tried_again(fresh: LocalStripe, receiver: Receiver) -> None:
    receiver.answers += [500, 302, 200]
    endpoint = listen(fresh, receiver)
    fresh.client().v1.customers.create({})
    assert fresh.wait_for_deliveries()
    assert receiver.types(secret_of(endpoint)) == ["customer.created"] * 3
    assert len({body for body, _ in receiver.received}) == 1
    assert receiver.paths == ["/hook"] * 3  # a redirect is no success, and is not followed
    assert fresh.client().v1.events.list({"delivery_success": True}).data[0].pending_webhooks == 0


def test_an_event_that_nobody_took_is_given_up_and_can_be_sent_again(receiver: Receiver) -> None:
    receiver.answers += [500, -30, 404]
    with serve_briefly(schedule=(0.02, 0.02), timeout_seconds=1) as local:
        endpoint = listen(local, receiver)
        client = local.client()
        client.v1.customers.create({})
        assert local.wait_for_deliveries()
        receiver.speak.set()
        assert len(receiver.received) == 3
        (lost,) = client.v1.events.list({"delivery_success": False}).data
        assert lost.pending_webhooks == 1
        attempts = [one.attempts for one in local.store.deliveries]
        assert attempts == [["500", "no answer in time", "404"]]
        local.act("resend", lost.id)
        assert local.wait_for_deliveries()
    assert client.v1.events.list({"delivery_success": False}).data == []
    assert [event.id for event in receiver.events(secret_of(endpoint))] == [lost.id] * 4


def test_events_are_listed_by_type_and_for_thirty_days() -> None:
    now = [1_800_000_000.0]
    with serve_local_stripe(clock=lambda: now[0]) as local:
        client = local.client()
        client.v1.customers.delete(client.v1.customers.create({}).id)
        client.v1.products.create({"name": "x"})
        seen = {
            "type": [event.type for event in client.v1.events.list({"type": "customer.deleted"})],
            "types": [
                event.type for event in client.v1.events.list({"types": ["product.created", "customer.created"]})
            ],
            "begin": [event.type for event in client.v1.events.list({"type": "customer.*"})],
        }
        assert seen == {
            "type": ["customer.deleted"], "types": ["product.created", "customer.created"],
            "begin": ["customer.deleted", "customer.created"],
        }  # fmt: skip
        with pytest.raises(stripe.InvalidRequestError, match="at most 20"):
            client.v1.events.list({"types": ["charge.failed"] * 21})
        event = client.v1.events.list().data[0]
        now[0] += 30 * 86_400
        assert len(client.v1.events.list().data) == 3
        now[0] += 1
        assert client.v1.events.list().data == []
        with pytest.raises(stripe.InvalidRequestError, match="No such event"):
            client.v1.events.retrieve(event.id)


def test_a_rolled_secret_overlaps_with_the_old_one(fresh: LocalStripe, receiver: Receiver) -> None:
    endpoint = listen(fresh, receiver)
    old, customers = secret_of(endpoint), fresh.client().v1.customers
    new = fresh.roll_secret(endpoint.id, overlap_seconds=3600)
    customers.create({})
    assert fresh.wait_for_deliveries()
    assert receiver.types(old) == receiver.types(new) == ["customer.created"]
    newest = fresh.roll_secret(endpoint.id, overlap_seconds=0)
    receiver.received.clear()
    customers.create({})
    assert fresh.wait_for_deliveries()
    assert receiver.types(old) == receiver.types(newest) == ["customer.created"]  # the first overlap still runs
    with pytest.raises(stripe.SignatureVerificationError):
        receiver.types(new)


WRONG_ENDPOINTS: dict[str, tuple[dict[str, Any], str]] = {
    "no_scheme": ({"url": "shop.example/hook"}, "scheme"),
    "misspelt_type": ({"enabled_events": ["checkout.session.complete"]}, "no type checkout.session.complete"),
}


@pytest.mark.parametrize("case", WRONG_ENDPOINTS)
def test_a_wrong_endpoint_is_refused(fresh: LocalStripe, case: str) -> None:
    given, said = WRONG_ENDPOINTS[case]
    right = {"url": "http://127.0.0.1:1/", "enabled_events": ["*"]}
    endpoints: Any = fresh.client().v1.webhook_endpoints
    made = endpoints.create(right)
    with pytest.raises(stripe.InvalidRequestError, match=said):
        endpoints.create({**right, **given})
    with pytest.raises(stripe.InvalidRequestError, match=said):
        endpoints.update(made.id, given)


def test_nothing_is_sent_to_other_machines(fresh: LocalStripe) -> None:
    for url in ("https://shop.example/hook", "http://127.0.0.1.shop.example/hook", "http://10.0.0.1/hook"):
        fresh.client().v1.webhook_endpoints.create({"url": url, "enabled_events": ["customer.created"]})
    fresh.client().v1.customers.create({})
    assert fresh.wait_for_deliveries()
    attempts = {attempt for one in fresh.store.deliveries for attempt in one.attempts}
    assert attempts == {"not sent: Local Stripe delivers to this machine alone"}


@contextlib.contextmanager
def stand_still(local: LocalStripe) -> Iterator[None]:
    """Let no time pass for deliveries: what is due is sent, and what is put off waits until the block ends."""
    timer = local.store.timer
    now = timer()
    local.store.timer = lambda: now
    yield
    local.store.timer = timer


Seen = list[str]


def run_faulty(local: LocalStripe, receiver: Receiver, *faults: dict[str, Any]) -> tuple[str, Seen]:
    """Make and delete a customer under faults; return the secret and the types that came."""
    secret = secret_of(listen(local, receiver, *CUSTOMERS))
    for fault in faults:
        local.break_next(**fault)
    customers = local.client().v1.customers
    with stand_still(local):
        customers.delete(customers.create({}).id)
    assert local.wait_for_deliveries()
    return secret, [json.loads(body)["type"].removeprefix("customer.") for body, _ in receiver.received]


def test_without_a_fault_each_event_comes_once(fresh: LocalStripe, receiver: Receiver) -> None:
    assert run_faulty(fresh, receiver)[1] == ["created", "deleted"]


FAULTS: dict[str, tuple[dict[str, Any], Seen]] = {
    "dropped_once": ({"kind": "drop", "match": "customer.created"}, ["deleted", "created"]),
    "dropped_always": ({"kind": "drop", "match": "customer.created", "times": 0}, ["deleted"]),
    "duplicated": ({"kind": "duplicate", "match": "*.deleted"}, ["created", "deleted", "deleted"]),
    "reordered": ({"kind": "reorder"}, ["deleted", "created"]),
    "delayed": ({"kind": "delay", "match": "customer.created", "seconds": 0.1}, ["deleted", "created"]),
    "never_generated": ({"kind": "not_generated", "match": "customer.created"}, ["deleted"]),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_does_what_it_says(fresh: LocalStripe, receiver: Receiver, case: str) -> None:
    fault, seen = FAULTS[case]
    secret, types = run_faulty(fresh, receiver, fault)
    assert types == seen
    assert len(receiver.types(secret)) == len(seen)


def test_dropped_events_are_undelivered_and_those_never_generated_do_not_exist(
    fresh: LocalStripe, receiver: Receiver
) -> None:
    run_faulty(
        fresh,
        receiver,
        {"kind": "drop", "match": "*.created", "times": 0},
        {"kind": "not_generated", "match": "*.deleted"},
    )
    assert [event.type for event in fresh.client().v1.events.list({"delivery_success": False})] == ["customer.created"]
    assert [event.type for event in fresh.client().v1.events.list()] == ["customer.created"]


@pytest.mark.parametrize("kind", ["old_timestamp", "wrong_secret"])
def test_a_false_signature_is_refused(fresh: LocalStripe, receiver: Receiver, kind: str) -> None:
    fault = {"kind": kind, "match": "customer.created", "seconds": 301}
    secret, _ = run_faulty(fresh, receiver, fault)
    false, right = receiver.received
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(*false, secret)
    assert stripe.Webhook.construct_event(*right, secret).type == "customer.deleted"


def test_a_disabled_endpoint_gets_nothing_more_also_of_what_waits(fresh: LocalStripe, receiver: Receiver) -> None:
    receiver.answers += [500]
    endpoint = listen(fresh, receiver)
    fresh.break_next("delay", seconds=0.1)
    with stand_still(fresh):
        fresh.client().v1.customers.create({})
        fresh.act("disable", endpoint.id)
    assert fresh.wait_for_deliveries()
    assert receiver.received == []
    assert [one.pending_webhooks for one in fresh.client().v1.events.list({"delivery_success": False})] == [1]


WRONG: dict[str, dict[str, Any]] = {
    "kind": {"kind": "explode"},
    "times": {"kind": "drop", "times": -1},
    "seconds": {"kind": "delay", "seconds": -1},
    "status": {"kind": "error", "status": 200},
}


@pytest.mark.parametrize("case", WRONG)
def test_a_fault_that_is_none_is_refused(fresh: LocalStripe, case: str) -> None:
    with pytest.raises(WrongFault):
        fresh.break_next(**WRONG[case])


def test_a_silent_endpoint_holds_up_no_call_and_no_other_endpoint(receiver: Receiver) -> None:
    with serve_local_stripe(timeout_seconds=30) as local, receive() as silent:
        silent.answers += [-30]
        listen(local, silent)
        listen(local, receiver)
        customer = local.client().v1.customers.create({})
        waited = time.monotonic() + 20
        while not (silent.received and receiver.received) and time.monotonic() < waited:
            time.sleep(0.01)
        assert local.client().v1.customers.retrieve(customer.id).id == customer.id
        assert local.store.deliveries[0].state == "pending"
        silent.speak.set()
        assert local.wait_for_deliveries()
        assert [one.state for one in local.store.deliveries] == ["delivered", "delivered"]


def test_an_event_is_delivered_when_every_endpoint_has_it(fresh: LocalStripe, receiver: Receiver) -> None:
    with receive() as broken:
        broken.answers += [503] * 3
        endpoints = [listen(fresh, one) for one in (receiver, broken)]
        client = fresh.client()
        client.v1.customers.create({})
        assert fresh.wait_for_deliveries()
        assert [one.pending_webhooks for one in client.v1.events.list({"delivery_success": False})] == [1]
        assert [json.loads(body)["pending_webhooks"] for body, _ in receiver.received] == [2]
        fresh.act("resend", client.v1.events.list().data[0].id)
        assert fresh.wait_for_deliveries()
        assert [one.pending_webhooks for one in client.v1.events.list({"delivery_success": True})] == [0]
        assert broken.types(secret_of(endpoints[1])) == ["customer.created"] * 4
