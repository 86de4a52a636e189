"""Every object has the fields that the official client's types of its version declare, and no others."""

import re
from typing import Any, get_args

import pytest
import stripe
from stripe import checkout, radar

from lab.services.local_stripe import LocalStripe
from lab.services.local_stripe.store import API_VERSION, KINDS
from tests.local_stripe.shop import Shop

CLASSES: dict[str, type] = {
    "products": stripe.Product, "prices": stripe.Price, "customers": stripe.Customer, "coupons": stripe.Coupon,
    "promotion_codes": stripe.PromotionCode, "payment_methods": stripe.PaymentMethod,
    "payment_intents": stripe.PaymentIntent, "charges": stripe.Charge, "refunds": stripe.Refund,
    "disputes": stripe.Dispute, "radar/early_fraud_warnings": radar.EarlyFraudWarning,
    "checkout/sessions": checkout.Session, "webhook_endpoints": stripe.WebhookEndpoint,
}  # fmt: skip
LEFT_OUT = {"deleted"}  # of deleted objects alone


def declared(kind: type) -> dict[str, bool]:
    """Return the fields of a type of the client, each with whether it is always there."""
    hints = {name: hint for name, hint in kind.__annotations__.items() if not name.isupper() and name[0] != "_"}
    return {name: type(None) not in get_args(hint) for name, hint in hints.items()}


def differences(shown: dict[str, Any], kind: type) -> list[str]:
    fields = declared(kind)
    lacking = [f"lacks {name}" for name, always in fields.items() if always and name not in {*shown, *LEFT_OUT}]
    return lacking + [f"has {name}" for name in shown if name not in fields]


@pytest.fixture(scope="module")
def filled(local: LocalStripe) -> LocalStripe:
    """An account with an object of each kind."""
    shop, client = Shop(local), local.client()
    shop.pay(shop.open(customer_creation="always"))
    shop.client.v1.refunds.create({"payment_intent": shop.take().id})
    shop.take("pm_card_createDispute")
    shop.take("pm_card_createIssuerFraudRecord")
    coupon = client.v1.coupons.create({"percent_off": 5})
    client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
    client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:1/", "enabled_events": ["charge.captured"]})
    return local


@pytest.mark.parametrize("kind", KINDS)
def test_an_object_has_the_fields_of_its_type(filled: LocalStripe, kind: str) -> None:
    things = list(filled.store.objects[kind].values())
    assert things
    assert {said for one in things for said in differences(one, CLASSES[kind])} == set()


def test_a_missing_and_an_invented_field_are_seen() -> None:
    shown = dict.fromkeys(declared(stripe.Refund))
    assert differences(shown, stripe.Refund) == []
    del shown["amount"]
    assert differences({**shown, "colour": None}, stripe.Refund) == ["lacks amount", "has colour"]


def test_events_account_and_balance_have_theirs(filled: LocalStripe) -> None:
    client = filled.client()
    for event in client.v1.events.list({"limit": 100}).auto_paging_iter():
        assert differences(event.to_dict(), stripe.Event) == []
        assert (event.api_version, event.livemode) == (API_VERSION, False)
    assert differences(client.v1.accounts.retrieve_current().to_dict(), stripe.Account) == []
    assert differences(client.v1.balance.retrieve().to_dict(), stripe.Balance) == []


def test_every_type_of_event_is_one_of_stripes(filled: LocalStripe) -> None:
    known = set(re.findall(r"'([a-z_]+\.[a-z_.]+)'", str(stripe.Event.__annotations__["type"])))
    seen = {event.type for event in filled.store.events.values()}
    assert len(known) > 200
    assert seen - known == set()
