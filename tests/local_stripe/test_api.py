"""The API as the official client uses it: keys, parameters, pages, expansions, idempotency and honest refusals."""

import json
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from lab.services.local_stripe import LocalStripe, serve_local_stripe
from tests.local_stripe.shop import Shop

REFUSED: dict[str, tuple[Callable[[Any], Any], type[Exception], int, str | None]] = {
    "missing_object": (
        lambda c: c.v1.prices.retrieve("price_none"), stripe.InvalidRequestError, 404, "resource_missing"
    ),
    "unknown_parameter": (
        lambda c: c.v1.products.create({"name": "x", "colour": "red"}),
        stripe.InvalidRequestError, 400, "parameter_unknown",
    ),
    "unknown_nested_parameter": (
        lambda c: c.v1.prices.list({"recurring": {"interval": "month"}}), stripe.InvalidRequestError, 400,
        "parameter_unknown",
    ),
    "missing_parameter": (
        lambda c: c.v1.products.create({}), stripe.InvalidRequestError, 400, "parameter_missing",
    ),
    "empty_parameter": (
        lambda c: c.v1.products.create({"name": ""}), stripe.InvalidRequestError, 400, "parameter_missing"
    ),
    "no_integer": (
        lambda c: c.v1.products.list({"limit": "ten"}), stripe.InvalidRequestError, 400,
        "parameter_invalid_integer",
    ),
    "limit_too_big": (lambda c: c.v1.products.list({"limit": 101}), stripe.InvalidRequestError, 400, None),
    "unknown_page": (
        lambda c: c.v1.products.list({"starting_after": "prod_none"}), stripe.InvalidRequestError, 400,
        "resource_missing",
    ),
    "not_expandable": (
        lambda c: c.v1.balance.retrieve({"expand": ["object"]}), stripe.InvalidRequestError, 400, None
    ),
    "not_served": (lambda c: c.v1.invoices.list(), stripe.InvalidRequestError, 404, None),
    "subscription": (
        lambda c: c.v1.checkout.sessions.create({"mode": "subscription"}), stripe.InvalidRequestError, 400, None
    ),
    "too_much_metadata": (
        lambda c: c.v1.products.create({"name": "x", "metadata": {"k": "v" * 501}}), stripe.InvalidRequestError, 400,
        None,
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_has_the_shape_that_the_client_reads(client: Any, case: str) -> None:
    call, kind, status, code = REFUSED[case]
    with pytest.raises(kind) as refused:
        call(client)
    error = refused.value
    assert isinstance(error, stripe.StripeError)
    assert (error.http_status, error.code) == (status, code)
    assert error.request_id


def test_what_is_not_served_says_that_it_is_local(client: Any) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Local Stripe"):
        client.v1.subscriptions.list()


def fetch(local: LocalStripe, path: str, **headers: str) -> tuple[int, dict[str, str], Any]:
    request = urllib.request.Request(local.url + path, headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.loads(error.read() or b"null")


KEYS = {"none": "", "live": "Bearer sk_live_abc", "publishable": "Bearer pk_test_abc", "garbage": "Basic !!!"}


@pytest.mark.parametrize("kind", KEYS)
def test_only_test_keys_are_taken_and_none_is_repeated(local: LocalStripe, kind: str) -> None:
    status, _, body = fetch(local, "/v1/products", **({"Authorization": KEYS[kind]} if KEYS[kind] else {}))
    assert (status, body["error"]["type"]) == (401, "invalid_request_error")
    assert "abc" not in json.dumps(body)


def test_answers_say_that_they_are_not_of_stripe(local: LocalStripe) -> None:
    status, headers, _ = fetch(local, "/v1/account", Authorization="Bearer sk_test_x")
    assert status == 200
    assert headers["request-id"].startswith("req_")
    assert "stand-in" in headers["x-local-stripe"]


def test_other_hosts_names_reach_nothing(local: LocalStripe) -> None:
    """A page of another site could point its own name at this machine."""
    assert fetch_status(local, Host="shop.example") == 400


def fetch_status(local: LocalStripe, **headers: str) -> int:
    request = urllib.request.Request(f"{local.url}/_local/deliveries", headers=headers)
    try:
        with urllib.request.urlopen(request) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return int(error.code)


def test_a_restricted_key_reaches_what_it_may(local: LocalStripe) -> None:
    restricted: Any = local.client("rk_test_reader")
    restricted.v1.events.list()
    local.forbid("rk_test_reader", ["account", "checkout/sessions"])
    with pytest.raises(stripe.PermissionError):
        restricted.v1.accounts.retrieve_current()
    with pytest.raises(stripe.PermissionError):
        restricted.v1.checkout.sessions.list()
    assert restricted.v1.events.list().object == "list"
    assert local.client().v1.accounts.retrieve_current().charges_enabled


def test_pages_of_any_size_are_the_whole_list(shop: Shop) -> None:
    ids = [shop.client.v1.customers.create({"email": "pages@shop.example"}).id for _ in range(7)][::-1]
    for size in (1, 2, 3, 7, 100):
        listed = shop.client.v1.customers.list({"email": "pages@shop.example", "limit": size})
        assert [one.id for one in listed.auto_paging_iter()] == ids
        assert listed.has_more is (size < 7)


def test_a_page_before_an_id_is_nearest_to_it(shop: Shop) -> None:
    ids = [shop.client.v1.customers.create({"email": "before@shop.example"}).id for _ in range(5)][::-1]
    filters: Any = {"email": "before@shop.example", "limit": 2}
    page = shop.client.v1.customers.list({**filters, "ending_before": ids[4]})
    assert ([one.id for one in page.data], page.has_more) == (ids[2:4], True)
    page = shop.client.v1.customers.list({**filters, "ending_before": ids[1]})
    assert ([one.id for one in page.data], page.has_more) == (ids[:1], False)


def test_lists_are_filtered_by_when_objects_were_created() -> None:
    now = [1_800_000_000.0]
    with serve_local_stripe(clock=lambda: now[0]) as local:
        customers = local.client().v1.customers
        made = []
        for _ in range(3):
            made.append(customers.create({}).id)
            now[0] += 10
        assert [one.id for one in customers.list({"created": {"gte": 1_800_000_010}})] == made[:0:-1]
        assert [one.id for one in customers.list({"created": {"gt": 1_800_000_000, "lt": 1_800_000_020}})] == [made[1]]
        assert [one.id for one in customers.list({"created": 1_800_000_020})] == [made[2]]


def test_expansions_go_into_lists_and_leave_the_account_as_it_is(shop: Shop) -> None:
    session = shop.pay()
    listed = shop.client.v1.checkout.sessions.list({"limit": 1, "expand": ["data.line_items"]}).data[0]
    deep = shop.client.v1.checkout.sessions.retrieve(session.id, {"expand": ["line_items.data.price.product"]})
    assert listed.line_items is not None
    assert deep.line_items is not None
    assert deep.line_items.data[0].price is not None
    assert isinstance(deep.line_items.data[0].price.product, stripe.Product)
    plain = shop.client.v1.checkout.sessions.retrieve(session.id)
    assert isinstance(plain.payment_intent, str)
    assert "line_items" not in plain
    charge = shop.client.v1.charges.retrieve(shop.charge_of(shop.intent_of(session)).id, {"expand": ["refunds"]})
    assert charge.refunds is not None
    assert charge.refunds.data == []


def test_an_idempotency_key_gives_the_first_answer_again(shop: Shop) -> None:
    options: Any = {"idempotency_key": "order-1"}
    first = shop.client.v1.customers.create({"email": "once@shop.example"}, options)
    again = shop.client.v1.customers.create({"email": "once@shop.example"}, options)
    assert again.id == first.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(shop.client.v1.customers.list({"email": "once@shop.example"}).data) == 1
    with pytest.raises(stripe.IdempotencyError):
        shop.client.v1.customers.create({"email": "other@shop.example"}, options)


def test_an_idempotency_key_belongs_to_its_key_and_ends_after_a_day() -> None:
    now = [1_800_000_000.0]
    options: Any = {"idempotency_key": "order-1"}
    with serve_local_stripe(clock=lambda: now[0]) as local:
        first = local.client().v1.customers.create({}, options).id
        assert local.client("sk_test_another").v1.customers.create({}, options).id != first
        now[0] += 86_399
        assert local.client().v1.customers.create({}, options).id == first
        now[0] += 2
        assert local.client().v1.customers.create({}, options).id != first


def test_a_decline_is_kept_for_its_key(shop: Shop) -> None:
    wanted: Any = {"amount": 500, "currency": "eur", "payment_method": "pm_card_chargeDeclined", "confirm": True}
    errors: list[Any] = []
    for _ in range(2):
        with pytest.raises(stripe.CardError) as declined:
            shop.client.v1.payment_intents.create(wanted, {"idempotency_key": "declined-1"})
        errors.append(declined.value.json_body)
    assert errors[0] == errors[1]


def test_a_failed_call_with_wrong_parameters_may_be_corrected(shop: Shop) -> None:
    options: Any = {"idempotency_key": "typo-1"}
    with pytest.raises(stripe.InvalidRequestError):
        shop.client.v1.customers.create({"emial": "x"}, options)
    assert shop.client.v1.customers.create({"email": "right@shop.example"}, options).id


def test_a_kept_500_is_the_answer_to_its_key_for_good(local: LocalStripe, shop: Shop) -> None:
    local.break_next("error", "POST /v1/customers")
    options: Any = {"idempotency_key": "broken-1", "max_network_retries": 0}
    for _ in range(2):
        with pytest.raises(stripe.APIError) as broken:
            shop.client.v1.customers.create({"email": "broken@shop.example"}, options)
        assert broken.value.http_status == 500
    assert shop.client.v1.customers.create({"email": "broken@shop.example"}).id


def test_the_client_tries_again_after_a_conflict(local: LocalStripe, shop: Shop) -> None:
    local.break_next("error", "POST /v1/customers", status=409)
    made = shop.client.v1.customers.create({"email": "conflict@shop.example"})
    assert [one.id for one in shop.client.v1.customers.list({"email": "conflict@shop.example"})] == [made.id]


def test_a_lost_response_leaves_the_work_done_once(local: LocalStripe, shop: Shop) -> None:
    local.break_next("lose_response", "POST /v1/customers")
    without: Any = {"max_network_retries": 0}
    with pytest.raises(stripe.APIConnectionError):
        shop.client.v1.customers.create({"email": "lost@shop.example"}, {**without, "idempotency_key": "lost-1"})
    (kept,) = shop.client.v1.customers.list({"email": "lost@shop.example"}).data
    local.break_next("lose_response", "POST /v1/customers")
    made = shop.client.v1.customers.create({"email": "lost@shop.example"}, {"idempotency_key": "lost-1"})
    assert made.id == kept.id


def test_a_slow_answer_ends_at_the_clients_timeout(local: LocalStripe) -> None:
    local.break_next("timeout", "GET /v1/balance", seconds=0.5)
    impatient = local.client(http_client=stripe.RequestsClient(timeout=(1, 0.1)), max_network_retries=0)
    with pytest.raises(stripe.APIConnectionError):
        impatient.v1.balance.retrieve()
    assert impatient.v1.balance.retrieve().livemode is False


def test_the_same_seed_gives_the_same_ids() -> None:
    ids = []
    for _ in range(2):
        with serve_local_stripe(seed="fixed", clock=lambda: 1_800_000_000.0) as local:
            ids.append(Shop(local).open(customer_email="a@shop.example").id)
    assert ids[0] == ids[1]


HOSTILE: dict[str, tuple[bytes, int]] = {
    "no_text": (b"\xff\xfe", 400),
    "deep": (b"a" + b"[b]" * 2000 + b"=1", 400),
    "value_and_group": (b"name=x&name[y]=1", 400),
    "list_as_text": (b"name[]=x", 400),
    "huge": (b"name=" + b"x" * 1_100_000, 413),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_bodies_are_refused(local: LocalStripe, case: str) -> None:
    body, wanted = HOSTILE[case]
    request = urllib.request.Request(f"{local.url}/v1/products", body, {"Authorization": "Bearer sk_test_x"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(request)
    assert refused.value.code == wanted
    assert json.loads(refused.value.read())["error"]["type"] == "invalid_request_error"


def test_an_error_of_its_own_has_stripes_shape(fresh: LocalStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(id: str) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(fresh.store, "find", fail)
    client: Any = fresh.client(max_network_retries=0)
    customer = client.v1.customers.create({})
    with pytest.raises(stripe.APIError, match="Local Stripe failed: RuntimeError") as failed:
        client.v1.customers.retrieve(customer.id, {"expand": ["id"]})
    assert "a mistake" not in str(failed.value)
    assert client.v1.customers.retrieve(customer.id).id == customer.id
