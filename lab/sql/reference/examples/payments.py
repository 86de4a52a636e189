"""Payments, refunds and disputes."""

from lab.rules.functions.payments import (
    begin_checkout,
    open_purchase,
    record_dispute,
    record_refund,
    review_payment,
    settle_purchase,
)
from lab.rules.roles import service_role
from lab.sql.reference.example import Example, Topic
from lab.sql.reference.examples.answers import RECORDED, SETTLED
from lab.sql.reference.sample import id_of

PAYMENTS = Topic(
    id="payments",
    title="Payments",
    intro="The order is written before the checkout begins. Webhook, return page and reconciliation apply what Stripe "
    "says, and any number of calls unlock once.",
    examples=(
        Example(
            function=open_purchase,
            role=service_role,
            arguments={
                "order_id": id_of("the next order"),
                "purchase_link_id": id_of("link"),
                "buyer_subject_id": id_of("ada"),
                "scroll_id": id_of("scroll"),
                "buyer_kind": "eu_consumer",
            },
            answer=id_of("the next order"),
            step="Make a new order id for each purchase, and pass it to Stripe as `client_reference_id`.",
        ),
        Example(
            function=begin_checkout,
            role=service_role,
            arguments={"order_id": id_of("new_order"), "session_id": "cs_test_referenceNew"},
            answer=True,
        ),
        Example(
            function=settle_purchase,
            words=SETTLED,
            role=service_role,
            arguments={
                "session_id": "cs_test_referenceOrder",
                "state": "paid",
                "livemode": False,
                "price_ids": ["price_referenceArtifacts"],
                "quantities": [1],
                "subtotal_minor": 4900,
                "received_minor": 4900,
                "currency": "eur",
                "order_id": id_of("order"),
                "payment_intent_id": "pi_referenceOrder",
                "charge_id": "ch_referenceOrder",
            },
            answer="unlocked",
            step="Read the session at Stripe now, with its lines, and pass what it says.",
        ),
        Example(
            function=review_payment,
            role=service_role,
            arguments={
                "session_id": "cs_test_referencePaid",
                "reason": "fraud_warning",
                "purchase_id": id_of("purchase"),
            },
            answer=True,
        ),
        Example(
            function=record_refund,
            words=RECORDED,
            role=service_role,
            arguments={
                "refund_id": "re_referenceRefund",
                "payment_intent_id": "pi_referencePaid",
                "amount_minor": 1000,
                "currency": "eur",
                "status": "succeeded",
                "stripe_created_at": "2026-11-29T10:00:00Z",
                "reason": "requested_by_customer",
            },
            answer="recorded",
        ),
        Example(
            function=record_dispute,
            words=RECORDED,
            role=service_role,
            arguments={
                "dispute_id": "dp_referenceDispute",
                "payment_intent_id": "pi_referencePaid",
                "amount_minor": 4900,
                "currency": "eur",
                "status": "needs_response",
                "stripe_created_at": "2026-11-29T10:00:00Z",
                "reason": "product_not_received",
                "evidence_due_at": "2026-12-13T23:59:59Z",
            },
            answer="recorded",
        ),
    ),
)
