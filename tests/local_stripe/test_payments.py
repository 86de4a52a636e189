"""Payments, refunds, disputes and discounts by the official client: what test cards do, and what is refused."""

from typing import Any

import pytest
import stripe

from lab.services.local_stripe import LocalStripe, serve_local_stripe
from lab.services.local_stripe.methods import BEHAVIOURS
from tests.local_stripe.shop import Shop

DECLINES = {name: one.declined for name, one in BEHAVIOURS.items() if one.declined and "auth" not in one.declined}
OWN_CODES = ("expired_card", "incorrect_cvc", "processing_error")


@pytest.mark.parametrize("method", DECLINES)
def test_a_declined_card_leaves_a_payment_that_waits(shop: Shop, method: str) -> None:
    with pytest.raises(stripe.CardError) as declined:
        shop.take(method)
    reason = DECLINES[method]
    assert declined.value.code == (reason if reason in OWN_CODES else "card_declined")
    body: Any = declined.value.json_body
    error = body["error"]
    assert error["decline_code"] == reason
    intent = shop.client.v1.payment_intents.retrieve(error["payment_intent"]["id"])
    assert (intent.status, intent.amount_received) == ("requires_payment_method", 0)
    assert shop.events_of(intent.id) == ["payment_intent.created", "payment_intent.payment_failed"]
    charge = shop.client.v1.charges.retrieve(error["charge"])
    assert (charge.status, charge.paid, charge.captured, charge.amount_captured) == ("failed", False, False, 0)


def test_a_card_pays_at_once(shop: Shop) -> None:
    intent = shop.take(metadata={"order": "7"})
    charge = shop.charge_of(intent)
    assert (intent.status, intent.amount_received, intent.latest_charge) == ("succeeded", 4900, charge.id)
    assert (charge.amount_captured, charge.refunded, charge.metadata.to_dict()) == (4900, False, {"order": "7"})
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        shop.client.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    with pytest.raises(stripe.InvalidRequestError, match="status of succeeded"):
        shop.client.v1.payment_intents.cancel(intent.id)


NUMBERS: dict[str, tuple[dict[str, Any], str | None]] = {
    "number": ({"type": "card", "card": {"number": "4000000000000002"}}, "declined"),
    "token": ({"type": "card", "card": {"token": "tok_visa"}}, "succeeded"),
    "declining_token": ({"type": "card", "card": {"token": "tok_chargeDeclined"}}, "declined"),
    "iban": ({"type": "sepa_debit", "sepa_debit": {"iban": "DE89 3704 0044 0532 0130 00"}}, "processing"),
    "real_number": ({"type": "card", "card": {"number": "4111111111111111"}}, None),
    "iban_as_card": ({"type": "card", "card": {"number": "DE89370400440532013000"}}, None),
}


@pytest.mark.parametrize("case", NUMBERS)
def test_made_up_numbers_do_what_their_ids_do_and_others_are_refused(shop: Shop, case: str) -> None:
    given, outcome = NUMBERS[case]
    if outcome is None:
        with pytest.raises(stripe.InvalidRequestError, match="knows the test cards") as refused:
            shop.client.v1.payment_methods.create(given)
        assert "4111" not in str(refused.value)
        return
    method = shop.client.v1.payment_methods.create(given)
    if outcome == "declined":
        with pytest.raises(stripe.CardError):
            shop.take(method.id)
    else:
        assert shop.take(method.id, payment_method_types=[given["type"]]).status == outcome


def test_a_session_is_paid_with_its_lines(shop: Shop) -> None:
    session = shop.open(
        quantity=2, client_reference_id="order-9", metadata={"order": "9"}, customer_creation="always",
        payment_intent_data={"metadata": {"order": "9"}},
    )  # fmt: skip
    assert (session.status, session.payment_status, session.payment_intent, session.amount_total) == (
        "open", "unpaid", None, 9800
    )  # fmt: skip
    paid = shop.pay(session)
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    assert (paid.payment_intent.amount_received, paid.payment_intent.metadata.to_dict()) == (9800, {"order": "9"})
    assert paid.line_items is not None
    assert [(line.quantity, line.amount_total) for line in paid.line_items.data] == [(2, 9800)]
    assert shop.events_of(session.id) == ["checkout.session.completed"]
    assert isinstance(paid.customer, str)
    lines = shop.client.v1.checkout.sessions.line_items.list(session.id, {"limit": 1})
    assert [line.description for line in lines.data] == ["Sealed scroll"]


def test_a_session_is_paid_once_and_never_after_it_expired(shop: Shop) -> None:
    paid, expired = shop.pay(), shop.open()
    assert shop.client.v1.checkout.sessions.expire(expired.id).status == "expired"
    assert shop.events_of(expired.id) == ["checkout.session.expired"]
    for session in (paid, expired):
        with pytest.raises(Exception, match="only an open one"):
            shop.local.act("pay", session.id)
        with pytest.raises(stripe.InvalidRequestError, match="only an open one"):
            shop.client.v1.checkout.sessions.expire(session.id)


def test_a_declined_session_stays_open_and_is_paid_with_the_same_payment(shop: Shop) -> None:
    session = shop.open()
    with pytest.raises(Exception, match="declined"):
        shop.local.act("pay", session.id, payment_method="pm_card_chargeDeclined")
    assert shop.read(session).status == "open"
    paid = shop.pay(session)
    assert isinstance(paid.payment_intent, stripe.PaymentIntent)
    charges = shop.client.v1.charges.list({"payment_intent": paid.payment_intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_the_payment_of_a_session_is_not_taken_past_it(shop: Shop) -> None:
    session = shop.open()
    with pytest.raises(Exception, match="declined"):
        shop.local.act("pay", session.id, payment_method="pm_card_chargeDeclined")
    intent = shop.client.v1.payment_intents.list({"limit": 1}).data[0]
    for call in (shop.client.v1.payment_intents.confirm, shop.client.v1.payment_intents.cancel):
        with pytest.raises(stripe.InvalidRequestError, match="belongs to a Checkout Session"):
            call(intent.id)
    shop.client.v1.checkout.sessions.expire(session.id)
    assert shop.client.v1.payment_intents.retrieve(intent.id).status == "canceled"


def test_a_session_expires_by_itself() -> None:
    now = [1_800_000_000.0]
    with serve_local_stripe(clock=lambda: now[0]) as local:
        shop = Shop(local)
        session = shop.open(expires_at=1_800_001_800)
        now[0] += 1_799
        assert shop.read(session).status == "open"
        now[0] += 1
        assert shop.read(session).status == "expired"
        assert shop.events_of(session.id) == ["checkout.session.expired"]


def test_a_bank_account_pays_later_or_fails(shop: Shop) -> None:
    for action, status in (("settle", "paid"), ("fail", "unpaid")):
        session = shop.pay(method="pm_successDelayed_de")
        assert isinstance(session.payment_intent, stripe.PaymentIntent)
        assert (session.status, session.payment_status, session.payment_intent.status) == (
            "complete", "unpaid", "processing"
        )  # fmt: skip
        with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
            shop.client.v1.refunds.create({"payment_intent": session.payment_intent.id})
        shop.local.act(action, session.id)
        assert shop.read(session).payment_status == status
        word = "succeeded" if action == "settle" else "failed"
        assert shop.events_of(session.id) == ["checkout.session.completed", f"checkout.session.async_payment_{word}"]
        with pytest.raises(Exception, match="could not be settled"):
            shop.local.act("settle", session.id)


def test_a_test_bank_account_settles_by_itself(fresh: LocalStripe) -> None:
    shop = Shop(fresh)
    sessions = {name: shop.pay(method=name) for name in ("pm_success_at", "pm_failed_at", "pm_disputed_de")}
    assert fresh.wait_for_deliveries()
    assert {name: shop.read(one).payment_status for name, one in sessions.items()} == {
        "pm_success_at": "paid", "pm_failed_at": "unpaid", "pm_disputed_de": "paid",
    }  # fmt: skip
    assert [one.status for one in fresh.client().v1.disputes.list()] == ["needs_response"]


DISCOUNTS: dict[str, tuple[dict[str, Any], int, int]] = {
    "all": ({"percent_off": 100}, 1, 0),
    "half_of_an_odd_amount": ({"percent_off": 50}, 1, 2450),
    "a_third": ({"percent_off": 33.33}, 3, 9800),
    "an_amount": ({"amount_off": 900, "currency": "eur"}, 1, 4000),
    "more_than_it_costs": ({"amount_off": 9900, "currency": "eur"}, 1, 0),
}


@pytest.mark.parametrize("case", DISCOUNTS)
@pytest.mark.parametrize("by_code", [False, True], ids=["coupon", "code"])
def test_a_discount_is_taken_off(shop: Shop, case: str, by_code: bool) -> None:
    given, quantity, total = DISCOUNTS[case]
    coupon = shop.client.v1.coupons.create(given)
    discount = {"coupon": coupon.id}
    if by_code:
        code = shop.client.v1.promotion_codes.create({"promotion": {"type": "coupon", "coupon": coupon.id}})
        discount = {"promotion_code": code.id}
    session = shop.pay(shop.open(quantity=quantity, discounts=[discount]))
    assert (session.amount_total, session.amount_subtotal) == (total, 4900 * quantity)
    assert session.payment_status == ("paid" if total else "no_payment_required")
    assert (session.payment_intent is None) is (total == 0)
    assert shop.client.v1.coupons.retrieve(coupon.id).times_redeemed == 1
    assert session.line_items is not None
    assert sum(line.amount_total for line in session.line_items.data) == total


def test_lines_share_a_discount_to_the_last_unit(shop: Shop) -> None:
    prices = [shop.price(amount) for amount in (1, 1, 1, 999)]
    coupon = shop.client.v1.coupons.create({"percent_off": 66.67})
    lines = [{"price": price.id, "quantity": 1} for price in prices]
    session = shop.read(shop.open(line_items=lines, discounts=[{"coupon": coupon.id}]))
    assert session.line_items is not None
    shown = [(line.amount_total, line.amount_discount) for line in session.line_items.data]
    assert sum(total for total, _ in shown) == session.amount_total == 334
    assert all(total >= 0 and off >= 0 for total, off in shown)


def test_a_coupon_ends_after_its_redemptions(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 10, "max_redemptions": 1})
    shop.pay(shop.open(discounts=[{"coupon": coupon.id}]))
    with pytest.raises(stripe.InvalidRequestError, match="used up"):
        shop.open(discounts=[{"coupon": coupon.id}])


def test_a_product_is_made_with_its_price_and_sold(shop: Shop) -> None:
    data = {"unit_amount": 1900, "currency": "eur"}
    product = shop.client.v1.products.create({"name": "Echo", "default_price_data": data, "expand": ["default_price"]})
    assert (product.default_price.unit_amount, product.default_price.product) == (1900, product.id)
    by_price = shop.open(product.default_price)
    by_data = shop.open(line_items=[{"price_data": {**data, "product": product.id}, "quantity": 2}])
    assert (by_price.amount_total, by_data.amount_total) == (1900, 3800)


def test_what_is_not_served_can_be_switched_off_and_not_on(shop: Shop) -> None:
    assert shop.open(automatic_tax={"enabled": False}, allow_promotion_codes=False).status == "open"
    for given in ({"automatic_tax": {"enabled": True}}, {"allow_promotion_codes": True}):
        with pytest.raises(stripe.InvalidRequestError, match="can only be false"):
            shop.open(**given)


def test_what_cannot_be_sold_is_refused(shop: Shop) -> None:
    archived, monthly = shop.price(), shop.price(recurring={"interval": "month"})
    shop.client.v1.prices.update(archived.id, {"active": False})
    dollars = shop.client.v1.prices.create({"product": str(archived.product), "unit_amount": 100, "currency": "usd"})
    for price, said in ((archived, "inactive"), (monthly, "recurring")):
        with pytest.raises(stripe.InvalidRequestError, match=said):
            shop.open(price)
    with pytest.raises(stripe.InvalidRequestError, match="same currency"):
        shop.open(line_items=[{"price": shop.price().id}, {"price": dollars.id}])
    with pytest.raises(stripe.InvalidRequestError, match="30 minutes"):
        shop.open(expires_at=1)
    with pytest.raises(stripe.InvalidRequestError, match="in eur alone"):
        shop.open(dollars, payment_method_types=["sepa_debit"])
    with pytest.raises(stripe.InvalidRequestError, match="in eur alone"):
        shop.take(currency="usd", payment_method_types=["sepa_debit"])


def test_a_price_keeps_its_amount_and_moves_its_lookup_key(shop: Shop) -> None:
    price = shop.price(lookup_key="scroll")
    with pytest.raises(stripe.InvalidRequestError) as refused:
        shop.client.v1.prices.update(price.id, {"unit_amount": 1})
    assert refused.value.code == "parameter_unknown"
    with pytest.raises(stripe.InvalidRequestError, match="lookup key"):
        shop.price(lookup_key="scroll")
    dearer = shop.price(5900, lookup_key="scroll", transfer_lookup_key=True)
    assert [one.id for one in shop.client.v1.prices.list({"lookup_keys": ["scroll"]})] == [dearer.id]
    assert shop.client.v1.prices.retrieve(price.id).unit_amount == 4900


def test_refunds_add_up_and_never_exceed_the_charge(shop: Shop) -> None:
    intent = shop.take()
    for amount, refunded in ((1000, False), (3900, True)):
        shop.client.v1.refunds.create({"payment_intent": intent.id, "amount": amount})
        assert shop.charge_of(intent).refunded is refunded
        if not refunded:
            with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
                shop.client.v1.refunds.create({"payment_intent": intent.id, "amount": 3901})
    with pytest.raises(stripe.InvalidRequestError) as again:
        shop.client.v1.refunds.create({"payment_intent": intent.id})
    assert again.value.code == "charge_already_refunded"
    assert shop.charge_of(intent).amount_refunded == 4900
    assert shop.events_of(shop.charge_of(intent).id) == ["charge.succeeded", "charge.refunded", "charge.refunded"]


def test_a_refund_that_fails_gives_the_amount_back_to_the_charge(shop: Shop) -> None:
    intent = shop.take()
    refund = shop.client.v1.refunds.create({"charge": shop.charge_of(intent).id, "reason": "requested_by_customer"})
    shop.local.act("fail_refund", refund.id)
    charge = shop.charge_of(intent)
    assert (charge.amount_refunded, charge.refunded) == (0, False)
    assert shop.client.v1.refunds.retrieve(refund.id).status == "failed"
    assert shop.events_of(refund.id) == ["refund.created", "refund.updated", "refund.failed", "charge.refund.updated"]
    assert shop.client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"


def test_test_cards_decide_about_their_refunds(fresh: LocalStripe) -> None:
    shop = Shop(fresh)
    states = {}
    for method in ("pm_card_visa", "pm_card_pendingRefund", "pm_card_refundFail"):
        refund = shop.client.v1.refunds.create({"payment_intent": shop.take(method).id})
        assert fresh.wait_for_deliveries()
        states[method] = (refund.status, shop.client.v1.refunds.retrieve(refund.id).status)
    assert states == {
        "pm_card_visa": ("succeeded", "succeeded"),
        "pm_card_pendingRefund": ("pending", "succeeded"),
        "pm_card_refundFail": ("succeeded", "failed"),
    }


DISPUTED = {
    "pm_card_createDispute": ("fraudulent", "needs_response"),
    "pm_card_createDisputeProductNotReceived": ("product_not_received", "needs_response"),
    "pm_card_createDisputeInquiry": ("fraudulent", "warning_needs_response"),
}


@pytest.mark.parametrize("method", DISPUTED)
def test_test_cards_open_disputes(shop: Shop, method: str) -> None:
    intent = shop.take(method)
    (dispute,) = shop.client.v1.disputes.list({"payment_intent": intent.id}).data
    assert (dispute.reason, dispute.status) == DISPUTED[method]
    assert shop.charge_of(intent).disputed
    if dispute.is_charge_refundable:
        assert shop.client.v1.refunds.create({"payment_intent": intent.id}).status == "succeeded"
    else:
        with pytest.raises(stripe.InvalidRequestError) as refused:
            shop.client.v1.refunds.create({"payment_intent": intent.id})
        assert refused.value.code == "charge_disputed"


def test_evidence_decides_a_dispute(shop: Shop) -> None:
    for text, status in (("winning_evidence", "won"), ("losing_evidence", "lost"), ("a letter", "under_review")):
        intent = shop.take("pm_card_createDispute")
        (dispute,) = shop.client.v1.disputes.list({"payment_intent": intent.id}).data
        updated = shop.client.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": text}})
        assert updated.status == status
        reinstated = "charge.dispute.funds_reinstated" in shop.events_of(dispute.id)
        assert reinstated is (status == "won")
    assert shop.client.v1.disputes.close(dispute.id).status == "lost"
    with pytest.raises(stripe.InvalidRequestError, match="already closed"):
        shop.client.v1.disputes.close(dispute.id)


def test_an_inquiry_is_closed_or_becomes_a_dispute(shop: Shop) -> None:
    ends = []
    for escalated in (False, True):
        dispute = shop.local.act("inquire", shop.take().id)
        if escalated:
            shop.local.act("escalate", dispute["id"])
        ends.append(shop.local.act("lose", dispute["id"])["status"])
        withdrawn = "charge.dispute.funds_withdrawn" in shop.events_of(dispute["id"])
        assert withdrawn is escalated
    assert ends == ["warning_closed", "lost"]


def test_nothing_is_disputed_that_was_not_taken(shop: Shop) -> None:
    authorised = shop.take(capture_method="manual")
    refunded = shop.take()
    shop.client.v1.refunds.create({"payment_intent": refunded.id})
    for intent in (authorised, refunded):
        with pytest.raises(Exception, match="no captured amount"):
            shop.local.act("dispute", intent.id)
    with pytest.raises(stripe.InvalidRequestError, match="successful charge"):
        shop.client.v1.refunds.create({"payment_intent": authorised.id})
    assert shop.client.v1.payment_intents.capture(authorised.id).amount_received == 4900
    shop.local.act("dispute", authorised.id)


def test_a_fraud_warning_asks_for_something_until_it_is_answered(shop: Shop) -> None:
    intent = shop.take("pm_card_createIssuerFraudRecord")
    warnings = shop.client.v1.radar.early_fraud_warnings
    (warning,) = warnings.list({"payment_intent": intent.id}).data
    assert warning.actionable
    shop.client.v1.refunds.create({"payment_intent": intent.id})
    assert not warnings.retrieve(warning.id).actionable
    assert shop.events_of(warning.id) == ["radar.early_fraud_warning.created", "radar.early_fraud_warning.updated"]


def test_a_deleted_customer_leaves_a_stub_and_its_payments(shop: Shop) -> None:
    customer = shop.client.v1.customers.create({"email": "gone@shop.example"})
    session = shop.pay(shop.open(customer=customer.id))
    shop.client.v1.customers.delete(customer.id)
    assert shop.client.v1.customers.retrieve(customer.id).deleted
    assert shop.client.v1.customers.list({"email": "gone@shop.example"}).data == []
    assert shop.read(session).customer == customer.id
    for refused in (lambda: shop.open(customer=customer.id), lambda: shop.client.v1.customers.delete(customer.id)):
        with pytest.raises(stripe.InvalidRequestError) as error:
            refused()
        assert error.value.code == "resource_missing"


def test_the_balance_is_what_was_kept(fresh: LocalStripe) -> None:
    shop = Shop(fresh)
    refunded, disputed, _kept = shop.take(), shop.take(amount=1000), shop.take(amount=50)
    shop.client.v1.refunds.create({"payment_intent": refunded.id, "amount": 900})
    dispute = fresh.act("dispute", disputed.id)
    amounts = [shop.client.v1.balance.retrieve().available[0].amount]
    fresh.act("win", dispute["id"])
    amounts.append(shop.client.v1.balance.retrieve().available[0].amount)
    assert amounts == [4050, 5050]
