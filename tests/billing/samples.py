"""Events in the shape of Stripe's own, with a canary in every field that may hold something personal."""

import time
from typing import Any

from tests.billing.served import VERSION

CANARY = "Quince"
ADDRESS = {"line1": f"1 {CANARY} Road", "line2": f"{CANARY} Court", "city": f"{CANARY}ville", "state": f"{CANARY}shire",
           "postal_code": f"QU1 {CANARY}", "country": "GB"}  # fmt: skip
DETAILS = {"email": f"{CANARY}@example.test", "name": f"Canary {CANARY}", "phone": f"+44 {CANARY}", "address": ADDRESS,
           "business_name": f"{CANARY} Ltd", "individual_name": f"Ada {CANARY}", "tax_exempt": "none",
           "tax_ids": [{"type": "gb_vat", "value": f"GB{CANARY}"}]}  # fmt: skip


def make_event(id: str = "evt_1", type: str = "checkout.session.completed", **changes: Any) -> dict[str, Any]:
    """Return an event about a paid checkout session."""
    about = changes.pop("about", None)
    return {
        "id": id, "object": "event", "api_version": VERSION, "created": int(time.time()), "livemode": False,
        "pending_webhooks": 1, "request": {"id": "req_1", "idempotency_key": None}, "type": type,
        "data": {"object": make_session() if about is None else about}, **changes,
    }  # fmt: skip


def make_session(**changes: Any) -> dict[str, Any]:
    """Return a paid checkout session."""
    return {
        "id": "cs_test_a1B2c3", "object": "checkout.session", "amount_subtotal": 4900, "amount_total": 4900,
        "created": 1764000000, "currency": "eur", "expires_at": 1764086400, "livemode": False, "mode": "payment",
        "payment_intent": "pi_3Mtw", "payment_status": "paid", "status": "complete", "url": None,
        "customer": "cus_Quince1", "customer_email": f"{CANARY}@example.test", "customer_details": DETAILS,
        "client_reference_id": f"ref-{CANARY}", "customer_creation": "always", "locale": "en",
        "metadata": {"note": f"for {CANARY}", CANARY: "x"}, "custom_text": {"submit": {"message": f"Hi {CANARY}"}},
        "custom_fields": [{"key": "engraving", "text": {"value": f"To {CANARY}"}, "type": "text"}],
        "shipping_details": {"name": CANARY, "address": ADDRESS},
        "collected_information": {"shipping_details": {"name": CANARY, "address": ADDRESS}},
        "shipping": {"name": CANARY, "phone": CANARY, "address": ADDRESS, "carrier": CANARY},
        "payment_method_details": {"card": {"last4": "4242", "name": CANARY}}, "discounts": [{"coupon": CANARY}],
        "success_url": f"https://oracle.example/thanks?who={CANARY}", "cancel_url": f"https://oracle.example/{CANARY}",
        **changes,
    }  # fmt: skip


# As older versions of the API sent them: the version, and what differed then.
OLDER: dict[str, dict[str, Any]] = {
    "2017-08-15 charge, no request": make_event(
        "evt_2017", "charge.refunded", api_version="2017-08-15", request=None,
        about={"id": "ch_1", "object": "charge", "amount": 4900, "amount_refunded": 1000, "refunded": False,
               "paid": True, "captured": True, "currency": "eur", "invoice": None,
               "source": {"id": "card_1", "name": CANARY}},
    ),
    "2017-04-06, request is a text": make_event("evt_text", api_version="2017-04-06", request="req_1"),
    "2020-08-27, charges inside the payment": make_event(
        "evt_2020", "payment_intent.succeeded", api_version="2020-08-27",
        about={"id": "pi_1", "object": "payment_intent", "amount": 4900, "amount_received": 4900, "currency": "eur",
               "status": "succeeded", "invoice": None, "receipt_email": f"{CANARY}@example.test",
               "charges": {"object": "list", "data": [{"id": "ch_1", "billing_details": DETAILS}]}},
    ),
    "2025-04-30.basil, latest charge expanded": make_event(
        "evt_2025", "payment_intent.succeeded", api_version="2025-04-30.basil",
        about={"id": "pi_1", "object": "payment_intent", "amount": 4900, "status": "succeeded", "currency": "eur",
               "latest_charge": {"id": "ch_1", "object": "charge", "billing_details": DETAILS}},
    ),
    "a beta's version": make_event("evt_beta", api_version="2020-08-27; orders_beta=v4"),
    "no version": make_event("evt_none", api_version=None),
    "nothing but what always was there": {
        "id": "evt_bare", "object": "event", "type": "charge.succeeded", "created": 1502000000, "livemode": False,
        "data": {"object": {"id": "ch_1", "object": "charge"}},
    },
}  # fmt: skip

OTHERS: list[dict[str, Any]] = [
    make_event("evt_d", "charge.dispute.created", about={
        "id": "dp_1", "object": "dispute", "amount": 4900, "currency": "eur", "charge": "ch_1", "reason": "fraudulent",
        "payment_intent": "pi_1", "status": "needs_response", "evidence": {"customer_name": CANARY}}),
    make_event("evt_r", "refund.updated", about={
        "id": "re_1", "object": "refund", "amount": 100, "currency": "eur", "payment_intent": "pi_1",
        "charge": {"id": "ch_1", "object": "charge"}, "status": "failed", "metadata": {},
        "failure_reason": "expired_or_canceled_card"}),
    make_event("evt_w", "radar.early_fraud_warning.created", about={
        "id": "issfr_1", "object": "radar.early_fraud_warning", "actionable": True, "charge": "ch_1",
        "fraud_type": "misc", "payment_intent": "pi_1"}),
    make_event("evt_p", "price.updated", about={
        "id": "price_1", "object": "price", "product": {"id": "prod_1", "name": CANARY}, "unit_amount": 4900}),
    make_event("evt_s", "customer.subscription.created", about={
        "id": "sub_1", "object": "subscription", "items": {"object": "list", "data": [{"id": "si_1"}]}}),
]  # fmt: skip
