"""What a purchase has come to, and how each story of `stories.py` ends."""

import uuid
from collections import Counter
from typing import Any

from tests.billing.shops import PRICE, Shop

_FACTS = {
    "purchase": "select count(*), min(status), bool_and(unlocked_at is not null), min(received_minor),"
    " min(amount_refunded_minor), bool_and(paid_at is not null), bool_and(refunded_at is not null),"
    " bool_and(disputed_at is not null), bool_and(payment_intent_id is not null), bool_and(charge_id is not null)"
    " from public.purchases where id = %(order)s or checkout_session_id = %(session)s",
    "refunds": "select amount_minor, status from public.refunds where purchase_id = %(order)s order by 1, 2",
    "disputes": "select amount_minor, status from public.disputes where purchase_id = %(order)s order by 1, 2",
    "jobs": "select channel, leg, status from public.delivery_jobs where purchase_id = %(order)s order by 1, 2, 3",
    "reviews": "select reason from public.payment_reviews where checkout_session_id = %(session)s order by 1",
    "audit": "select object_table, action, outcome from public.admin_audit_events where object_id = any(%(ids)s)"
    " order by 1, 2, 3",
    "gift": "select state from public.oracle_artifacts where purchase_id = %(order)s",
    "invitations": "select withdrawn_at is not null from public.gift_recipients where artifact_id = %(gift)s",
    "waiting": "select status from public.stripe_events where status not in ('done', 'ignored') order by 1",
}


def tell(shop: Shop, order: uuid.UUID, session: str, made: dict[str, uuid.UUID]) -> dict[str, Any]:
    """Return everything that a purchase has come to, without ids and times.

    Args:
        shop: The shop.
        order: The purchase.
        session: Its checkout session; empty before there is one.
        made: What was made for it, by its kind.
    """
    ids = [str(one) for one in (order, *made.values())]
    given = {"order": order, "session": session, "gift": made.get("gift"), "ids": ids}
    facts = {name: shop.admin.execute(query.encode(), given).fetchall() for name, query in _FACTS.items()}
    sessions = shop.local.store.objects["checkout/sessions"].values()
    mine = [one["status"] for one in sessions if one["client_reference_id"] == str(order)]
    return facts | {"sessions at Stripe": Counter(mine)}


# How each story ends: state and unlock of the purchase, what the audit trail says of it, what is refunded, who decides.
ENDS: dict[str, dict[str, Any]] = {
    "paid at once": {"state": ("paid", True), "audit": {"purchase.unlocked": 1}},
    "paid later": {"state": ("paid", True), "audit": {"purchase.unlocked": 1}},
    "refund": {
        "state": ("refunded", False), "audit": {"purchase.unlocked": 1, "purchase.locked": 1}, "returned": PRICE,
    },
    "dispute": {"state": ("disputed", False), "audit": {"purchase.unlocked": 1, "purchase.locked": 1}},
    "gift": {
        "state": ("refunded", False), "audit": {"purchase.unlocked": 1, "purchase.locked": 1}, "returned": PRICE,
        "gift": "withdrawn",
    },
    "failed refund": {
        "state": ("paid", True),
        "audit": {"purchase.unlocked": 2, "purchase.locked": 1, "purchase.given_back": 1},
        "reviews": ["refund_failed"],
        "gift": "ready",
    },
}  # fmt: skip


def end(facts: dict[str, Any]) -> dict[str, Any]:
    """Return the end of a story in the words of ENDS; fails unless one purchase has one receipt and nothing waits."""
    count, state, unlocked, received, returned, *_ = facts["purchase"][0]
    assert (count, received, facts["sessions at Stripe"]) == (1, PRICE, {"complete": 1})
    assert (facts["waiting"], facts["differences"]) == ([], [])
    assert [(channel, leg) for channel, leg, _ in facts["jobs"]] == [("receipt", "account"), ("receipt", "email")]
    assert returned == sum(amount for amount, status in facts["refunds"] if status != "failed")
    told = {
        "state": (state, unlocked),
        "audit": dict(Counter(action for _, action, _ in facts["audit"])),
        "returned": returned,
        "reviews": [reason for (reason,) in facts["reviews"]],
        "gift": "".join(made for (made,) in facts["gift"]),
    }
    return {name: value for name, value in told.items() if value}
