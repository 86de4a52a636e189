"""The Stripe account, through the official client over real HTTP: each difference, and each way not to be answered."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import psycopg
import pytest
import stripe

from lab import stripe_account
from lab.criterion import Outcome
from lab.database import connect
from lab.embedded import EmbeddedPostgres
from lab.stripe_account import CRITERIA, QUESTIONS, check_stripe_account
from lab.stripe_account import reader as stripe_reader
from lab.stripe_account.records import QUERY_FOLDER, DatabaseRecords, PurchaseLink, PurchaseState, read_purchase_links
from lab.stripe_account.webhooks import EVENT_TYPES
from tests.servers import Database
from tests.stripe_account.fake import KEY, Shop, serve

NOW = int(time.time())
LINK = PurchaseLink(price="prices_1", product="products_1", amount_minor=4900, currency="eur", livemode=True)


class Known:
    """Records held in memory, as the database would look them up."""

    def __init__(self) -> None:
        self.purchases = {"sessions_1": PurchaseState(status="paid", unlocked=True)}
        self.paid = {"pi_1": PurchaseState(status="paid", unlocked=True)}
        self.recorded = {"events_1"}

    def sessions(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        return {id: self.purchases[id] for id in ids if id in self.purchases}

    def payments(self, ids: Sequence[str]) -> dict[str, PurchaseState]:
        return {id: self.paid[id] for id in ids if id in self.paid}

    def events(self, ids: Sequence[str]) -> set[str]:
        return self.recorded & set(ids)


@pytest.fixture
def shop() -> Iterator[Shop]:
    """An account in which everything is as the database says."""
    with serve(Shop()) as shop:
        shop.add("products", active=True)
        shop.add("prices", active=True, type="one_time", unit_amount=4900, currency="eur", product="products_1")
        shop.add(
            "webhook_endpoints", url="https://oracle.shop/stripe/webhook", status="enabled",
            enabled_events=list(EVENT_TYPES), api_version=stripe.api_version,
        )  # fmt: skip
        add_session(shop)
        shop.add("events", type="checkout.session.completed")
        yield shop


def add_session(shop: Shop, price: str = "prices_1", **changes: Any) -> None:
    lines = {"object": "list", "data": [{"id": "li_1", "object": "item", "price": {"id": price, "object": "price"}}]}
    shop.add("checkout/sessions", **{
        "status": "complete", "payment_status": "paid", "mode": "payment", "payment_intent": "pi_1",
        "customer_details": {"email": "buyer@example.test", "name": "Canary Quince"}, "line_items": lines, **changes,
    })  # fmt: skip


def check(shop: Shop, records: Any = None, links: tuple[PurchaseLink, ...] = (LINK,), **options: Any) -> Outcome:
    given: dict[str, Any] = {"site_url": "https://oracle.shop", "now": NOW} | options
    key = given.pop("key", KEY)
    records = Known() if records is None else records
    return check_stripe_account(key, links=links, records=records, base_addresses={"api": shop.url}, **given)


def rules(outcome: Outcome) -> set[str]:
    return {finding.rule for finding in outcome.findings}


def thing(shop: Shop, path: str) -> dict[str, Any]:
    return shop.things[path][0]


Change = Callable[[Shop, Known], object]

# What is changed in the account or the records, and the rule that this breaks.
CASES: dict[str, tuple[Change, str]] = {
    "charges off": (lambda s, k: s.account.update(charges_enabled=False), "stripe_charges_enabled"),
    "payouts off": (lambda s, k: s.account.update(payouts_enabled=False), "stripe_payouts_enabled"),
    "requirements": (
        lambda s, k: s.account.update(requirements={"currently_due": ["individual.id_number"]}), "stripe_requirements",
    ),
    "no endpoint": (lambda s, k: s.things["webhook_endpoints"].clear(), "stripe_webhook_missing"),
    "endpoint elsewhere": (
        lambda s, k: thing(s, "webhook_endpoints").update(url="https://old.shop/hook"), "stripe_webhook_missing",
    ),
    "endpoint disabled": (
        lambda s, k: thing(s, "webhook_endpoints").update(status="disabled"), "stripe_webhook_disabled",
    ),
    "events missing": (
        lambda s, k: thing(s, "webhook_endpoints").update(enabled_events=list(EVENT_TYPES[:-1])),
        "stripe_webhook_events",
    ),
    "old version": (
        lambda s, k: thing(s, "webhook_endpoints").update(api_version="2020-08-27"), "stripe_webhook_version",
    ),
    "no version": (lambda s, k: thing(s, "webhook_endpoints").update(api_version=None), "stripe_webhook_version"),
    "endpoint twice": (
        lambda s, k: s.add("webhook_endpoints", **(thing(s, "webhook_endpoints") | {"id": "webhook_endpoints_2"})),
        "stripe_webhook_twice",
    ),
    "price gone": (lambda s, k: s.things["prices"].clear(), "stripe_price_missing"),
    "price archived": (lambda s, k: thing(s, "prices").update(active=False), "stripe_price_archived"),
    "amount": (lambda s, k: thing(s, "prices").update(unit_amount=4901), "stripe_price_amount"),
    "currency": (lambda s, k: thing(s, "prices").update(currency="usd"), "stripe_price_amount"),
    "price's mode": (lambda s, k: thing(s, "prices").update(livemode=False), "stripe_price_mode"),
    "recurring": (lambda s, k: thing(s, "prices").update(type="recurring"), "stripe_price_recurring"),
    "product archived": (lambda s, k: thing(s, "products").update(active=False), "stripe_product_archived"),
    "product deleted": (lambda s, k: s.things["products"].clear(), "stripe_product_archived"),
    "price orphan": (
        lambda s, k: s.add("prices", active=True, type="one_time", product="products_1"), "stripe_price_orphan",
    ),
    "product orphan": (
        lambda s, k: s.add("prices", active=True, type="one_time", product="products_9"), "stripe_product_orphan",
    ),
    "session lost": (lambda s, k: k.purchases.clear(), "stripe_session_lost"),
    "session unpaid here": (
        lambda s, k: k.purchases.update(sessions_1=PurchaseState(status="processing")), "stripe_session_unpaid_here",
    ),
    "nothing to pay, and lost": (
        lambda s, k: add_session(s, payment_status="no_payment_required", payment_intent=None), "stripe_session_lost",
    ),
    "unknown price": (lambda s, k: add_session(s, "prices_7"), "stripe_session_unknown_price"),
    "undelivered": (
        lambda s, k: s.add("events", type="charge.refunded", delivered=False, created=NOW - 7200),
        "stripe_events_undelivered",
    ),
    "lost after delivery": (
        lambda s, k: s.add("events", type="charge.refunded", created=NOW - 7200), "stripe_events_lost",
    ),
    "dispute": (
        lambda s, k: s.add("disputes", payment_intent="pi_1", status="needs_response"), "stripe_dispute_unrecorded",
    ),
    "dispute won": (
        lambda s, k: (s.add("disputes", payment_intent="pi_1", status="won"),
                      k.paid.update(pi_1=PurchaseState(status="disputed"))), "stripe_dispute_settled",
    ),
    "two partial refunds, one recorded": (
        lambda s, k: [s.add("refunds", payment_intent="pi_1", amount=100, status="succeeded") for _ in "12"]
        + [k.paid.update(pi_1=PurchaseState(status="paid", refunded_minor=100))], "stripe_refund_unrecorded",
    ),
    "refund failed": (
        lambda s, k: (s.add("refunds", payment_intent="pi_1", amount=4900, status="failed"),
                      k.paid.update(pi_1=PurchaseState(status="refunded", refunded_minor=4900))),
        "stripe_refund_failed",
    ),
    "fraud warning": (lambda s, k: s.add("radar/early_fraud_warnings", actionable=True), "stripe_fraud_warning"),
}  # fmt: skip

NEAR_MISSES: dict[str, Change] = {
    "as it should be": lambda s, k: None,
    "every event": lambda s, k: thing(s, "webhook_endpoints").update(enabled_events=["*"]),
    "an endpoint of another site": lambda s, k: s.add(
        "webhook_endpoints", url="https://other.shop/x", status="enabled"
    ),
    "the old endpoint, disabled": lambda s, k: s.add(
        "webhook_endpoints", url="https://oracle.shop/stripe/webhook", status="disabled"
    ),
    "a checkout of a minute ago": lambda s, k: add_session(s, created=NOW - 60),
    "a checkout whose money is on its way": lambda s, k: add_session(s, payment_status="unpaid"),
    "a checkout of last year": lambda s, k: add_session(s, created=NOW - 400 * 86400),
    "a subscription of another shop": lambda s, k: add_session(s, "prices_7", mode="subscription"),
    "an event of a minute ago": lambda s, k: s.add("events", type="charge.refunded", delivered=False, created=NOW - 60),
    "an event nobody needs": lambda s, k: s.add("events", type="invoice.paid", delivered=False, created=NOW - 7200),
    "undelivered to another endpoint": lambda s, k: thing(s, "events").update(delivered=False),
    "an inquiry": lambda s, k: s.add("disputes", payment_intent="pi_1", status="warning_needs_response"),
    "a dispute that is recorded": lambda s, k: (
        s.add("disputes", payment_intent="pi_1", status="lost"),
        k.paid.update(pi_1=PurchaseState(status="disputed")),
    ),
    "a refund that is recorded": lambda s, k: (
        s.add("refunds", payment_intent="pi_1", amount=100, status="succeeded"),
        k.paid.update(pi_1=PurchaseState(status="paid", refunded_minor=100)),
    ),
    "a refund that failed": lambda s, k: s.add("refunds", payment_intent="pi_1", amount=100, status="failed"),
    "a warning that was dealt with": lambda s, k: s.add("radar/early_fraud_warnings", actionable=False),
}


@pytest.mark.parametrize("case", CASES)
def test_a_difference_is_found(case: str, shop: Shop) -> None:
    change, rule = CASES[case]
    known = Known()
    change(shop, known)
    outcome = check(shop, known)
    assert rules(outcome) == {rule}
    assert not outcome.unknowns


@pytest.mark.parametrize("case", NEAR_MISSES)
def test_a_near_miss_is_left_alone(case: str, shop: Shop) -> None:
    known = Known()
    NEAR_MISSES[case](shop, known)
    assert check(shop, known) == Outcome()


def test_the_key_and_the_links_have_cases_of_their_own(shop: Shop) -> None:
    own = {"stripe_key_refused", "stripe_key_unrestricted", "stripe_mode", "stripe_price_product"}
    assert {rule for _, rule in CASES.values()} | own == {criterion.id for criterion in CRITERIA}
    assert len({criterion.id for criterion in CRITERIA}) == len(CRITERIA)


def test_nothing_is_written_and_nobody_is_shown(shop: Shop) -> None:
    outcome = check(shop, Known(), links=())
    assert all(line.startswith("GET ") for line in shop.asked)
    for private in ("buyer@", "Canary", KEY, "sessions_1", "pi_1"):
        assert private not in repr(outcome)


def test_an_unrestricted_key_is_named(shop: Shop) -> None:
    shop.keys = {"sk_live_51HqFakeFakeFakeFake"}
    assert rules(check(shop, key="sk_live_51HqFakeFakeFakeFake")) == {"stripe_key_unrestricted"}


def test_a_key_of_the_other_mode(shop: Shop) -> None:
    key = "rk_test_51HqFakeFakeFakeFake"
    shop.keys, shop.livemode = {key}, False
    shop.things["prices"].clear()
    outcome = check(shop, key=key)
    assert "stripe_mode" in rules(outcome)
    assert "stripe_price_missing" not in rules(outcome)
    assert [u.what for u in outcome.unknowns] == ["1 prices of the other mode."]


def test_a_key_that_stripe_takes_for_the_other_mode(shop: Shop) -> None:
    shop.livemode = False
    assert "stripe_mode" in rules(check(shop))


def test_a_test_account_need_not_be_complete(shop: Shop) -> None:
    key = "rk_test_51HqFakeFakeFakeFake"
    shop.keys, shop.livemode, shop.account = {key}, False, {"charges_enabled": False}
    thing(shop, "prices")["livemode"] = False
    link = LINK.model_copy(update={"livemode": False})
    assert check(shop, links=(link,), key=key) == Outcome()


def test_links_are_compared_both_ways(shop: Shop) -> None:
    wrong = LINK.model_copy(update={"product": "products_2"})
    assert rules(check(shop, links=(wrong,))) == {"stripe_price_product", "stripe_product_orphan"}
    retired = LINK.model_copy(update={"active": False})
    assert rules(check(shop, links=(retired,))) == {"stripe_price_orphan"}
    thing(shop, "prices")["active"] = False
    assert check(shop, links=(retired,)) == Outcome()


PERMISSIONS = {
    "balance": "Balance: Read",
    "account": "Accounts: Read",
    "webhook_endpoints": "Webhook Endpoints: Read",
    "prices": "Prices: Read",
    "checkout/sessions": "Checkout Sessions: Read",
    "events": "Events: Read",
    "disputes": "Disputes: Read",
    "refunds": "Charges and Refunds: Read",
    "radar/early_fraud_warnings": "Radar: Read",
}


@pytest.mark.parametrize("resource", PERMISSIONS)
def test_a_missing_permission_is_named(resource: str, shop: Shop) -> None:
    shop.forbidden = {resource}
    outcome = check(shop)
    assert not outcome.findings
    assert len(outcome.unknowns) == 1
    assert PERMISSIONS[resource] in outcome.unknowns[0].why
    assert KEY not in repr(outcome)


def test_each_question_has_a_permission() -> None:
    assert len(PERMISSIONS) == len(QUESTIONS)
    assert all(any(name in q.permission for q in QUESTIONS) for name in PERMISSIONS.values())


def test_without_any_permission_all_is_unknown(shop: Shop) -> None:
    shop.forbidden = set(PERMISSIONS)
    outcome = check(shop)
    assert not outcome.findings
    assert {unknown.what for unknown in outcome.unknowns} == {question.what for question in QUESTIONS}


def test_a_refused_key_ends_it_at_once(shop: Shop) -> None:
    shop.keys = set()
    outcome = check(shop)
    assert rules(outcome) == {"stripe_key_refused"}
    assert len(outcome.unknowns) == len(QUESTIONS)
    assert len(shop.asked) == 1
    assert "****" not in repr(outcome)


@pytest.mark.parametrize("resource", ["prices", "events"])
def test_an_error_at_stripe_is_unknown_and_the_rest_is_asked(resource: str, shop: Shop) -> None:
    shop.broken = {resource}
    outcome = check(shop)
    assert not outcome.findings
    assert [("error of its own (500)" in u.why) for u in outcome.unknowns] == [True]
    assert shop.asked.count(f"GET {resource}") == 1 + stripe_reader.RETRIES


def test_an_answer_that_is_no_json_is_unknown(shop: Shop) -> None:
    shop.garbled = {"refunds"}
    outcome = check(shop)
    assert not outcome.findings
    assert [u.what for u in outcome.unknowns] == ["The refunds."]


def test_nobody_there_is_unknown(shop: Shop) -> None:
    shop.url = "http://127.0.0.1:9"
    outcome = check(shop)
    assert not outcome.findings
    assert len(outcome.unknowns) == len(QUESTIONS)
    assert "could not be reached" in outcome.unknowns[0].why


def test_a_slow_answer_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_reader, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(stripe_reader, "RETRIES", 0)
    shop.slow = {"disputes": 1.0}
    outcome = check(shop)
    assert not outcome.findings
    assert [u.what for u in outcome.unknowns] == ["The disputes.", "The refunds.", "The early fraud warnings."]


def test_every_page_is_read(shop: Shop) -> None:
    for _ in range(25):
        add_session(shop)
    (finding,) = check(shop).findings
    assert finding.seen == "25 of 26 paid checkouts of the last 30 days"


def test_what_is_too_much_is_said(shop: Shop) -> None:
    for number in range(25):
        shop.add("refunds", payment_intent=None, status="succeeded", amount=number)
    outcome = check(shop, most=20)
    assert [u.what for u in outcome.unknowns] == ["Refunds before these."]


@pytest.mark.parametrize("key", ["", "pk_live_51HqFake", "whsec_abc", "sb_secret_abc"])
def test_without_a_server_key_nothing_is_asked(key: str, shop: Shop) -> None:
    outcome = check(shop, key=key)
    assert not outcome.findings
    assert len(outcome.unknowns) == len(QUESTIONS)
    assert not shop.asked


def test_without_a_site_or_records_that_side_is_unknown(shop: Shop) -> None:
    outcome = check_stripe_account(
        KEY, links=(LINK,), records=None, site_url=None, now=NOW, base_addresses={"api": shop.url}
    )
    assert not outcome.findings
    assert len(outcome.unknowns) == 5


def test_what_the_database_does_not_know_is_said(shop: Shop) -> None:
    shop.add("disputes", payment_intent="pi_9", status="lost")
    shop.add("refunds", payment_intent="pi_9", status="succeeded", amount=1)
    shop.things["events"].clear()
    outcome = check(shop)
    assert not outcome.findings
    assert [u.what for u in outcome.unknowns] == [
        "Whether the webhook secret is that of the endpoint.",
        "What 1 of the disputes are about.",
        "What 1 of the refunds are about.",
    ]


def test_the_client_is_the_official_one_with_limits() -> None:
    client = stripe_reader.open_stripe(KEY)
    assert isinstance(client, stripe.StripeClient)
    assert KEY not in repr(stripe_account.Account(
        client=client, mode="live", links=(), records=None, site_url=None, now=0, days=1, most=1,
        restricted=True,
    ))  # fmt: skip


# The database's side ----------------------------------------------------------------------------------------

SOLD = """
insert into public.products (id, layer, stripe_product_id, title, livemode)
values ('00000000-0000-0000-0000-000000000001', 'artifacts', 'prod_1', 'Artifacts', true);
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
select '00000000-0000-0000-0000-000000000002', id, 'price_1', 4900, 'eur', true, '/reading' from public.products;
insert into public.purchases (checkout_session_id, payment_intent_id, purchase_link_id, status, amount_minor, currency,
                              livemode, paid_at, amount_refunded_minor)
select 'cs_1', 'pi_1', id, 'paid', 4900, 'eur', true, now(), 100 from public.purchase_links;
select public.record_stripe_event('evt_1', 'charge.refunded', now(), true, '{}');
"""


@pytest.fixture
def sold(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection[Any]]:
    with connect(shared_database(server).url) as connection:
        connection.execute(SOLD)
        yield connection
        connection.rollback()


def test_links_and_records_are_read_from_the_database(sold: psycopg.Connection[Any]) -> None:
    (link,) = read_purchase_links(sold)
    assert link == PurchaseLink(
        price="price_1", product="prod_1", amount_minor=4900, currency="eur", livemode=True, active=True
    )
    records = DatabaseRecords(sold)
    state = PurchaseState(status="paid", refunded_minor=100, unlocked=False)
    assert records.sessions(["cs_1", "cs_2"]) == {"cs_1": state}
    assert records.payments(["pi_1", "pi_2"]) == {"pi_1": state}
    assert records.events(["evt_1", "evt_2"]) == {"evt_1"}
    sold.execute("update public.products set active = false")
    assert not read_purchase_links(sold)[0].active


def test_records_that_cannot_be_read_are_unknown(shop: Shop, sold: psycopg.Connection[Any]) -> None:
    sold.execute("set local role authenticated")
    outcome = check(shop, DatabaseRecords(sold))
    assert {"42501" in u.why for u in outcome.unknowns} == {True}
    assert [u.what for u in outcome.unknowns][:2] == ["The paid checkouts.", "The events."]
    assert not outcome.findings


def test_each_query_has_a_sentence() -> None:
    assert all(path.read_text().startswith("-- ") for path in QUERY_FOLDER.glob("*.sql"))
