"""Refunds, disputes and warnings, one test for each case: real Postgres, the stock client, a Local Stripe."""

import random
import uuid
from collections.abc import Callable
from dataclasses import replace
from itertools import permutations

import psycopg
import pytest

from lab.services.billing.checkout import read_checkout, read_disputes, read_refunds
from lab.services.billing.fulfil import settle
from tests.billing.shops import PRICE, Shop


def bought(shop: Shop, method: str = "pm_card_visa") -> tuple[uuid.UUID, str]:
    """Buy, and let it be unlocked."""
    order, session = shop.buy(method)
    shop.deliver()
    return order, session


def refund(shop: Shop, session: str, amount: int | None = None) -> str:
    """Refund a payment at Stripe; returns the refund's id."""
    return str(shop.local.act("refund", session, **({"amount": amount} if amount else {}))["id"])


def test_case_17_partial_refunds(shop: Shop) -> None:
    """Partial refunds add up, however often and in whatever order they are told; the whole locks."""
    order, session = bought(shop)
    refund(shop, session, 1000)
    shop.deliver()
    shop.fulfil(session)
    assert (shop.purchase(order)["amount_refunded_minor"], shop.state(order)) == (1000, ("paid", True))
    refund(shop, session)
    shop.deliver()
    assert (shop.purchase(order)["amount_refunded_minor"], shop.state(order)) == (PRICE, ("refunded", False))
    assert shop.count("select count(*) from public.refunds") == 2


def test_case_19_refund_fails_later(shop: Shop) -> None:
    """A refund that fails is not counted any more, and the buyer, who paid after all, has the purchase again."""
    order, session = bought(shop)
    made = refund(shop, session)
    shop.deliver()
    assert shop.state(order) == ("refunded", False)
    shop.local.act("fail_refund", made)
    shop.deliver()
    assert (shop.purchase(order)["amount_refunded_minor"], shop.state(order)) == (0, ("paid", True))


def test_case_20_dispute(shop: Shop) -> None:
    """An open dispute locks, a won one unlocks, a lost one keeps it locked, and an inquiry does nothing."""
    order, session = bought(shop)
    dispute = shop.local.act("dispute", session)["id"]
    shop.deliver()
    assert shop.state(order) == ("disputed", False)
    shop.local.act("win", dispute)
    shop.deliver()
    assert shop.state(order) == ("paid", True)
    lost, session = bought(shop)
    shop.local.act("lose", shop.local.act("dispute", session)["id"])
    shop.deliver()
    assert shop.state(lost) == ("disputed", False)
    asked, session = bought(shop)
    shop.local.act("inquire", session)
    shop.deliver()
    assert shop.state(asked) == ("paid", True)


def test_case_21_early_fraud_warning(shop: Shop) -> None:
    """A warning that something can be done about waits for a person; it takes nothing back by itself."""
    order, session = bought(shop)
    shop.local.act("warn", session)
    shop.deliver()
    assert (shop.reviews(), shop.state(order)) == ({"fraud_warning"}, ("paid", True))


def test_whatever_was_read_in_whatever_order_the_newest_state_stays(shop: Shop) -> None:
    """Answers of Stripe that were read one after the other, applied in every order, end in the same state."""
    for _ in range(2):
        order, session = bought(shop)
        payment = shop.purchase(order)["payment_intent_id"]
        answers = []
        made = refund(shop, session)
        answers.append(read_refunds(shop.client, payment))
        shop.local.act("fail_refund", made)
        answers.append(read_refunds(shop.client, payment))
        checkout = read_checkout(shop.client, session)
        for first, second in permutations(answers):
            settle(shop.connection, checkout, first, [])
            settle(shop.connection, checkout, second, [])
        assert (shop.purchase(order)["amount_refunded_minor"], shop.state(order)) == (0, ("paid", True))


def test_random_stories_end_as_stripe_has_them(shop: Shop) -> None:
    """Refunds, failures and disputes in random order, applied late, twice and out of order."""
    dice = random.Random(20261129)
    for _ in range(8):
        order, session = bought(shop)
        payment = shop.purchase(order)["payment_intent_id"]
        checkout, told = read_checkout(shop.client, session), []
        for _ in range(4):
            _happen(shop, session, dice)
            told.append((read_refunds(shop.client, payment), read_disputes(shop.client, payment)))
        for refunds, disputes in (*dice.sample(told, len(told)), *told[:2]):
            settle(shop.connection, checkout, refunds, disputes)
        counted = [r for r in told[-1][0] if r.status in ("requires_action", "pending", "succeeded")]
        returned = sum(one.amount_minor for one in counted)
        locked = any(d.status in ("needs_response", "under_review", "lost") for d in told[-1][1])
        state = "refunded" if returned == PRICE else "disputed" if locked else "paid"
        assert (shop.purchase(order)["amount_refunded_minor"], shop.state(order)) == (
            returned,
            (state, state == "paid"),
        )


def _happen(shop: Shop, session: str, dice: random.Random) -> None:
    """Let something happen that the state allows."""
    payment = shop.session(session)["payment_intent"]
    refunds = [r for r in read_refunds(shop.client, payment) if r.status == "succeeded"]
    disputes = read_disputes(shop.client, payment)
    open_ones = [d for d in disputes if d.status in ("needs_response", "under_review")]
    left = PRICE - sum(one.amount_minor for one in refunds)
    acts: list[Callable[[], object]] = []
    if left and not disputes:
        acts.append(lambda: refund(shop, session, dice.choice((left, max(1, left // 2)))))
    if refunds:
        acts.append(lambda: shop.local.act("fail_refund", dice.choice(refunds).refund_id))
    if open_ones:
        acts.append(lambda: shop.local.act(dice.choice(("win", "lose")), open_ones[0].dispute_id))
    if left and not disputes:
        acts.append(lambda: shop.local.act("dispute", session))
    if acts:
        dice.choice(acts)()


def test_more_than_was_paid_is_not_taken_for_a_refund(shop: Shop) -> None:
    order, session = bought(shop)
    refund(shop, session, 1000)
    checkout = read_checkout(shop.client, session)
    made = read_refunds(shop.client, str(checkout.payment_intent_id))[0]
    with pytest.raises(psycopg.errors.CheckViolation):
        settle(shop.connection, checkout, [replace(made, amount_minor=PRICE + 1)], [])
    assert (shop.purchase(order)["amount_refunded_minor"], shop.state(order)) == (0, ("paid", True))
