"""Stripe's events."""

from lab.rules.functions.payments import claim_stripe_events, finish_stripe_event
from lab.rules.functions.server import record_stripe_event
from lab.rules.roles import service_role
from lab.sql.reference.example import Earlier, Example, Topic, Varies

EVENTS = Topic(
    id="events",
    title="Stripe's events",
    intro="The webhook stores each event once and answers. A worker claims stored events and applies them.",
    examples=(
        Example(
            function=record_stripe_event,
            role=service_role,
            arguments={
                "event_id": "evt_referenceNew",
                "type": "checkout.session.completed",
                "stripe_created_at": "2026-11-29T10:00:00Z",
                "livemode": False,
                "payload": {"object": "event", "amount_total": 4900, "currency": "eur"},
                "object_id": "cs_test_referenceOrder",
                "checkout_session_id": "cs_test_referenceOrder",
            },
            answer=True,
            step="Verify Stripe's signature, then reduce the event to the keys in `lab/rules/stripe_payload.py`.",
        ),
        Example(
            function=claim_stripe_events,
            role=service_role,
            nullable=("object_id", "checkout_session_id"),
            arguments={"worker": "host:4711", "livemode": False, "most": 1},
            answer=[
                {
                    "event_id": "evt_referenceWaiting",
                    "type": "checkout.session.completed",
                    "object_id": None,
                    "checkout_session_id": "cs_test_referenceOrder",
                    "payload": {"object": "event"},
                    "attempts": 1,
                    "lease_token": Varies(shown="0b1f2c1e-5a7d-4a6e-8a53-2f0f6f3f7c11"),
                }
            ],
            nothing_because="no event is due",
        ),
        Example(
            function=finish_stripe_event,
            role=service_role,
            before=("select public.claim_stripe_events('host:4711', false)",),
            arguments={
                "event_id": "evt_referenceWaiting",
                "lease_token": Earlier(
                    shown="0b1f2c1e-5a7d-4a6e-8a53-2f0f6f3f7c11",
                    query="select lease_token from public.stripe_events where id = 'evt_referenceWaiting'",
                ),
                "outcome": "done",
            },
            answer=True,
            step="Pass the token that `claim_stripe_events` returned.",
        ),
    ),
)
