"""Disputes, inquiries and early fraud warnings: what a cardholder's bank says about a charge.

An inquiry moves from warning_needs_response to warning_under_review and warning_closed, or becomes a dispute.
A dispute moves from needs_response to under_review, and ends as won or lost.
"""

from lab.services.local_stripe.errors import ApiError, Thing
from lab.services.local_stripe.operations import Operation, listing, retrieve
from lab.services.local_stripe.parameters import flag, freeform, merge_metadata, metadata, text
from lab.services.local_stripe.store import Store

CLOSED = ("won", "lost", "warning_closed")
# Texts that decide a dispute in Stripe's test mode. Source: docs.stripe.com/testing#evidence
_DECIDING = {"winning_evidence": "won", "losing_evidence": "lost"}
_DAYS_TO_ANSWER = 7
_NAMES = (
    "access_activity_log", "billing_address", "cancellation_policy", "cancellation_policy_disclosure",
    "cancellation_rebuttal", "customer_communication", "customer_email_address", "customer_name",
    "customer_purchase_ip", "customer_signature", "duplicate_charge_documentation",
    "duplicate_charge_explanation", "duplicate_charge_id", "product_description", "receipt", "refund_policy",
    "refund_policy_disclosure", "refund_refusal_explanation", "service_date", "service_documentation",
    "shipping_address", "shipping_carrier", "shipping_date", "shipping_documentation", "shipping_tracking_number",
    "uncategorized_file", "uncategorized_text",
)  # fmt: skip


def open_dispute(store: Store, charge: Thing, *, reason: str = "fraudulent", inquiry: bool = False) -> Thing:
    """Dispute what is left of a captured charge.

    Args:
        store: The account.
        charge: What the cardholder disputes.
        reason: One of Stripe's reasons, such as `product_not_received`.
        inquiry: The bank only asks; no money moves.

    Raises:
        ApiError: Nothing was taken or is left, or the charge is disputed already.
    """
    left = charge["amount_captured"] - charge["amount_refunded"]
    if not left or charge["disputed"]:
        raise ApiError(400, f"The charge {charge['id']} has no captured amount left that can be disputed.")
    due = store.now() + _DAYS_TO_ANSWER * 86_400
    dispute = store.add(
        "disputes", amount=left, balance_transactions=[], charge=charge["id"], currency=charge["currency"],
        enhanced_eligibility_types=[], evidence={**dict.fromkeys(_NAMES), "enhanced_evidence": {}},
        evidence_details={"due_by": due, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False,
                          "submission_count": 0},
        is_charge_refundable=inquiry, metadata={}, network_reason_code=None, payment_intent=charge["payment_intent"],
        payment_method_details=None, reason=reason, status="warning_needs_response" if inquiry else "needs_response",
    )  # fmt: skip
    with store.change(charge, "charge.updated"):
        charge["disputed"] = True
    store.emit("charge.dispute.created", dispute)
    if not inquiry:
        store.emit("charge.dispute.funds_withdrawn", dispute)
    answer_warnings(store, charge["id"])
    return dispute


def escalate(store: Store, dispute: Thing) -> Thing:
    """Turn an inquiry into a dispute, which withdraws the money.

    Raises:
        ApiError: It is not an open inquiry.
    """
    if not dispute["status"].startswith("warning_") or dispute["status"] in CLOSED:
        raise ApiError(400, f"{dispute['id']} is not an open inquiry.")
    with store.change(dispute, "charge.dispute.updated", "charge.dispute.funds_withdrawn"):
        dispute |= {"status": "needs_response", "is_charge_refundable": False}
    return dispute


def decide(store: Store, dispute: Thing, status: str) -> Thing:
    """End a dispute or an inquiry.

    Args:
        store: The account.
        dispute: One that is open.
        status: `won` or `lost`; an inquiry is closed either way.

    Raises:
        ApiError: It has ended already.
    """
    if dispute["status"] in CLOSED:
        raise ApiError(400, "This dispute is already closed.")
    inquiry = dispute["status"].startswith("warning_")
    with store.change(dispute, "charge.dispute.closed"):
        dispute["status"] = "warning_closed" if inquiry else status
    if dispute["status"] == "won":
        store.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def _update(store: Store, params: Thing, id: str) -> Thing:
    """Add evidence; unless `submit` is false it goes to the bank, and a text of Stripe's tests decides."""
    dispute = store.get("disputes", id)
    evidence = params.get("evidence") or {}
    if evidence and dispute["status"] in CLOSED:
        raise ApiError(400, "This dispute is already closed.")
    with store.change(dispute, "charge.dispute.updated"):
        dispute["metadata"] = merge_metadata(dispute["metadata"], params.get("metadata") or {})
        dispute["evidence"] = {**dispute["evidence"], **evidence}
        if evidence and params.get("submit", True):
            _submit(dispute)
    decided = _DECIDING.get(str(evidence.get("uncategorized_text")))
    return decide(store, dispute, decided) if decided and params.get("submit", True) else dispute


def _submit(dispute: Thing) -> None:
    warning = "warning_" if dispute["status"].startswith("warning_") else ""
    dispute["status"] = f"{warning}under_review"
    details = dispute["evidence_details"]
    dispute["evidence_details"] = {
        **details, "has_evidence": True, "submission_count": details["submission_count"] + 1
    }  # fmt: skip


def warn(store: Store, charge: Thing) -> Thing:
    """Make an early fraud warning about a captured charge.

    Raises:
        ApiError: Nothing was taken.
    """
    if not charge["captured"]:
        raise ApiError(400, f"The charge {charge['id']} was not captured.")
    actionable = not charge["refunded"] and not charge["disputed"]
    made = store.add(
        "radar/early_fraud_warnings", actionable=actionable, charge=charge["id"], fraud_type="made_with_stolen_card",
        payment_intent=charge["payment_intent"],
    )  # fmt: skip
    store.emit("radar.early_fraud_warning.created", made)
    return made


def answer_warnings(store: Store, charge: str) -> None:
    """Note that a warning asks for nothing any more: its charge is refunded or disputed."""
    for warning in store.where("radar/early_fraud_warnings", charge=charge):
        with store.change(warning, "radar.early_fraud_warning.updated"):
            warning["actionable"] = False


OPERATIONS = (
    retrieve("disputes"),
    Operation(
        method="POST", path="/v1/disputes/{id}", run=_update,
        accepts={"evidence": freeform, "metadata": metadata, "submit": flag},
    ),
    Operation(
        method="POST", path="/v1/disputes/{id}/close",
        run=lambda store, _, id: decide(store, store.get("disputes", id), "lost"),
    ),
    listing("disputes", charge=text, payment_intent=text),
    retrieve("radar/early_fraud_warnings"),
    listing("radar/early_fraud_warnings", charge=text, payment_intent=text),
)  # fmt: skip
