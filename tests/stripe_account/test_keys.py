"""The key to the account: of which mode, how far it reaches, and whether it is one."""

import pytest
import stripe

from lab.checks.criterion import Outcome
from lab.checks.stripe import reader as stripe_reader
from lab.checks.stripe.check import INSPECTIONS
from lab.services.billing import stripe_client
from tests.stripe_account.fake import KEY, Shop
from tests.stripe_account.trial import LINK, check, rules, thing


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
    for path in ("prices", "webhook_endpoints"):
        thing(shop, path)["livemode"] = False
    link = LINK.model_copy(update={"livemode": False})
    assert check(shop, links=(link,), key=key) == Outcome()


def test_a_refused_key_ends_it_at_once(shop: Shop) -> None:
    shop.keys = set()
    outcome = check(shop)
    assert rules(outcome) == {"stripe_key_refused"}
    assert len(outcome.unknowns) == len(INSPECTIONS)
    assert len(shop.asked) == 1
    assert "****" not in repr(outcome)


@pytest.mark.parametrize("key", ["", "pk_live_51HqFake", "whsec_abc", "sb_secret_abc"])
def test_without_a_server_key_nothing_is_asked(key: str, shop: Shop) -> None:
    outcome = check(shop, key=key)
    assert not outcome.findings
    assert len(outcome.unknowns) == len(INSPECTIONS)
    assert not shop.asked


def test_the_client_is_the_official_one_with_limits() -> None:
    client = stripe_client.open_stripe(KEY)
    assert isinstance(client, stripe.StripeClient)
    assert KEY not in repr(stripe_reader.Account(
        client=client, mode="live", links=(), records=None, site_url=None, now=0, days=1, most=1,
        restricted=True,
    ))  # fmt: skip
