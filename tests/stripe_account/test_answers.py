"""Each way not to be answered, or not in full, is unknown with its reason."""

import pytest

from lab.checks.stripe.check import INSPECTIONS, check_stripe_account
from lab.services.billing import stripe_client
from tests.stripe_account.fake import KEY, Shop
from tests.stripe_account.trial import LINK, NOW, add_session, check, rules

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
    assert len(PERMISSIONS) == len(INSPECTIONS)
    assert all(any(name in q.permission for q in INSPECTIONS) for name in PERMISSIONS.values())


def test_without_any_permission_all_is_unknown(shop: Shop) -> None:
    shop.forbidden = set(PERMISSIONS)
    outcome = check(shop)
    assert not outcome.findings
    assert {unknown.what for unknown in outcome.unknowns} == {inspection.what for inspection in INSPECTIONS}


@pytest.mark.parametrize("resource", ["prices", "events"])
def test_an_error_at_stripe_is_unknown_and_the_rest_is_asked(resource: str, shop: Shop) -> None:
    shop.broken = {resource}
    outcome = check(shop)
    assert not outcome.findings
    assert [("error of its own (500)" in u.why) for u in outcome.unknowns] == [True]
    assert shop.asked.count(f"GET {resource}") == 1 + stripe_client.RETRIES


def test_an_answer_that_is_no_json_is_unknown(shop: Shop) -> None:
    shop.garbled = {"refunds"}
    outcome = check(shop)
    assert not outcome.findings
    assert [u.what for u in outcome.unknowns] == ["The refunds."]


def test_nobody_there_is_unknown(shop: Shop) -> None:
    shop.url = "http://127.0.0.1:9"
    outcome = check(shop)
    assert not outcome.findings
    assert len(outcome.unknowns) == len(INSPECTIONS)
    assert "could not be reached" in outcome.unknowns[0].why


def test_a_slow_answer_is_not_waited_for(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stripe_client, "ANSWER_SECONDS", 0.2)
    monkeypatch.setattr(stripe_client, "RETRIES", 0)
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


def test_a_checkout_of_another_shop_in_the_same_account_is_no_finding(shop: Shop) -> None:
    add_session(shop, "prices_7", "products_9")
    add_session(shop, line_items=None)
    outcome = check(shop)
    assert not outcome.findings
    assert [(u.what, "another shop" in u.why) for u in outcome.unknowns] == [
        ("What 2 of the paid checkouts are about.", True)
    ]


def test_an_endpoint_of_another_host_may_be_ours(shop: Shop) -> None:
    shop.things["webhook_endpoints"][0]["url"] = "https://abcdefghijklmnopqrst.supabase.co/functions/v1/stripe"
    outcome = check(shop)
    assert not outcome.findings
    (unknown,) = outcome.unknowns
    assert unknown.what == "Whether Stripe sends its events to the site."
    assert "1 to another host" in unknown.why
    shop.things["webhook_endpoints"][0]["application"] = "ca_1"
    assert rules(check(shop)) == {"stripe_webhook_missing"}


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
