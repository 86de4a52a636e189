"""Each difference between the account and the database, and what comes near and is none."""

from collections.abc import Callable
from typing import get_args

import pytest
import stripe
from stripe.params import WebhookEndpointCreateParams

from lab.checks.criterion import Outcome
from lab.checks.stripe.check import CRITERIA
from lab.checks.stripe.payments import CALLED_BACK
from lab.checks.stripe.records import PurchaseState
from lab.checks.stripe.webhooks import EVENT_TYPES
from tests.stripe_account.fake import KEY, Shop
from tests.stripe_account.test_offers import OFFER_RULES
from tests.stripe_account.trial import LINK, NOW, Known, add_session, check, rules, thing

Change = Callable[[Shop, Known], object]

# What is changed in the account or the records, and the rule that this breaks.
CASES: dict[str, tuple[Change, str]] = {
    "charges off": (lambda s, k: s.account.update(charges_enabled=False), "stripe_charges_enabled"),
    "payouts off": (lambda s, k: s.account.update(payouts_enabled=False), "stripe_payouts_enabled"),
    "requirements": (
        lambda s, k: s.account.update(requirements={"currently_due": ["individual.id_number"]}), "stripe_requirements",
    ),
    "details never given": (lambda s, k: s.account.update(details_submitted=False), "stripe_requirements"),
    "endpoint of the other mode": (
        lambda s, k: thing(s, "webhook_endpoints").update(livemode=False), "stripe_webhook_missing",
    ),
    "no endpoint": (lambda s, k: s.things["webhook_endpoints"].clear(), "stripe_webhook_missing"),
    "endpoint elsewhere": (
        lambda s, k: thing(s, "webhook_endpoints").update(url="https://old.shop/x", enabled_events=["charge.refunded"]),
        "stripe_webhook_missing",
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
    "lost before the endpoint was made anew": (
        lambda s, k: (
            thing(s, "webhook_endpoints").update(created=NOW - 60),
            s.add("events", type="charge.refunded", created=NOW - 3700),
        ),
        "stripe_events_lost",
    ),
    "lost after delivery": (
        lambda s, k: s.add("events", type="charge.refunded", created=NOW - 7200), "stripe_events_lost",
    ),
    "dispute": (
        lambda s, k: s.add("disputes", payment_intent="pi_1", status="needs_response"), "stripe_dispute_unrecorded",
    ),
    "dispute of two months ago": (
        lambda s, k: s.add("disputes", payment_intent="pi_1", status="lost", created=NOW - 60 * 86400),
        "stripe_dispute_unrecorded",
    ),
    "a refund beside one of two months ago": (
        lambda s, k: [s.add("refunds", payment_intent="pi_1", amount=100, status="succeeded", created=NOW - ago * 86400)
                      for ago in (60, 1)] + [k.paid.update(pi_1=PurchaseState(status="paid", refunded_minor=100))],
        "stripe_refund_unrecorded",
    ),
    "appeal of a lost dispute": (
        lambda s, k: s.add("disputes", payment_intent="pi_1", status="appeal_under_review"),
        "stripe_dispute_unrecorded",
    ),
    "dispute prevented by giving the money back": (
        lambda s, k: s.add("disputes", payment_intent="pi_1", status="prevented",
                           balance_transactions=[{"id": "txn_1", "object": "balance_transaction", "amount": -4900}]),
        "stripe_dispute_unrecorded",
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
    "an active price of an archived product": lambda s, k: (
        s.add("products", active=False),
        s.add("prices", active=True, type="one_time", product="products_2"),
    ),
    "an endpoint below the site's host": lambda s, k: thing(s, "webhook_endpoints").update(
        url="https://api.oracle.shop/stripe/webhook"
    ),
    "a refund of a minute ago": lambda s, k: s.add(
        "refunds", payment_intent="pi_1", status="succeeded", amount=4900, created=NOW - 60
    ),
    "a dispute of a minute ago": lambda s, k: s.add(
        "disputes", payment_intent="pi_1", status="needs_response", created=NOW - 60
    ),
    "an endpoint of another site": lambda s, k: s.add(
        "webhook_endpoints", url="https://other.shop/x", status="enabled"
    ),
    "the old endpoint, disabled": lambda s, k: s.add(
        "webhook_endpoints", url="https://oracle.shop/stripe/webhook", status="disabled"
    ),
    "a checkout of a minute ago": lambda s, k: add_session(s, created=NOW - 60),
    "a checkout of an hour ago, paid a minute ago": lambda s, k: (
        add_session(s, created=NOW - 3600),
        s.add(
            "events",
            type="checkout.session.completed",
            created=NOW - 60,
            data={"object": {"id": "sessions_2"}},
        ),
    ),
    "an event from before the first endpoint": lambda s, k: s.add(
        "events", type="charge.refunded", created=NOW - 25 * 86400
    ),
    "a checkout whose money is on its way": lambda s, k: add_session(s, payment_status="unpaid"),
    "a checkout of last year": lambda s, k: add_session(s, created=NOW - 400 * 86400),
    "a subscription of another shop": lambda s, k: add_session(s, "prices_7", mode="subscription"),
    "an event of a minute ago": lambda s, k: s.add("events", type="charge.refunded", delivered=False, created=NOW - 60),
    "an event nobody needs": lambda s, k: s.add("events", type="invoice.paid", delivered=False, created=NOW - 7200),
    "undelivered to another endpoint": lambda s, k: thing(s, "events").update(delivered=False),
    "an inquiry": lambda s, k: s.add("disputes", payment_intent="pi_1", status="warning_needs_response"),
    "a dispute prevented before money moved": lambda s, k: s.add(
        "disputes", payment_intent="pi_1", status="prevented", balance_transactions=[]
    ),
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
    own = {"stripe_key_refused", "stripe_key_unrestricted", "stripe_mode", "stripe_price_product", *OFFER_RULES}
    assert {rule for _, rule in CASES.values()} | own == {criterion.id for criterion in CRITERIA}
    assert len({criterion.id for criterion in CRITERIA}) == len(CRITERIA)


def test_nothing_is_written_and_nobody_is_shown(shop: Shop) -> None:
    outcome = check(shop, Known(), links=())
    assert all(line.startswith("GET ") for line in shop.asked)
    for private in ("buyer@", "Canary", KEY, "sessions_1", "pi_1"):
        assert private not in repr(outcome)


def test_links_are_compared_both_ways(shop: Shop) -> None:
    wrong = LINK.model_copy(update={"product": "products_2"})
    assert rules(check(shop, links=(wrong,))) == {"stripe_price_product", "stripe_product_orphan"}
    retired = LINK.model_copy(update={"active": False})
    assert rules(check(shop, links=(retired,))) == {"stripe_price_orphan"}
    thing(shop, "prices")["active"] = False
    assert check(shop, links=(retired,)) == Outcome()


def test_every_status_of_a_dispute_has_its_meaning() -> None:
    """A status that Stripe adds fails here, before it passes for one that asks for nothing."""
    (declared, _) = get_args(stripe.Dispute.__annotations__["status"])
    inquiries = {"warning_needs_response", "warning_under_review", "warning_closed"}
    assert {*CALLED_BACK, *inquiries, "won", "prevented"} == {*get_args(declared)}


def test_stripe_can_send_every_event_that_is_needed() -> None:
    (declared,) = get_args(WebhookEndpointCreateParams.__annotations__["enabled_events"])
    assert {*EVENT_TYPES} <= {*get_args(declared)}
