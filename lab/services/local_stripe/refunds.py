"""Refunds: full or partial, never more than is left, and some fail later."""

from lab.services.local_stripe.charges import return_money
from lab.services.local_stripe.disputes import answer_warnings
from lab.services.local_stripe.errors import ApiError, Thing, invalid_parameter
from lab.services.local_stripe.methods import behaviour_of
from lab.services.local_stripe.operations import Operation, listing, retrieve
from lab.services.local_stripe.parameters import Reader, merge_metadata, metadata, one_of, text, whole
from lab.services.local_stripe.store import Store

HELD = ("succeeded", "pending")
"""The states in which a refund counts as money that went back."""
_REASONS = one_of("duplicate", "fraudulent", "requested_by_customer")
_CREATE: dict[str, Reader] = {
    "payment_intent": text, "charge": text, "amount": whole(1), "reason": _REASONS, "metadata": metadata,
}  # fmt: skip


def create_refund(store: Store, params: Thing, id: str = "") -> Thing:
    """Refund a charge, in full or by an amount.

    Raises:
        ApiError: Nothing was taken, less is left, or the charge is disputed.
    """
    charge = _find_charge(store, params)
    amount = _find_amount(store, charge, params.get("amount"))
    outcome = behaviour_of(store, charge["payment_method"]).refund
    refund = store.add(
        "refunds", amount=amount, balance_transaction=None, charge=charge["id"], currency=charge["currency"],
        customer=charge["customer"], payment_method=charge["payment_method"],
        destination_details={"card": {"type": "refund"}, "type": "card"} if "card" in charge["payment_method_details"]
        else None, failure_balance_transaction=None, metadata=merge_metadata({}, params.get("metadata") or {}),
        payment_intent=charge["payment_intent"], reason=params.get("reason"), receipt_number=None,
        source_transfer_reversal=None, status="pending" if outcome == "pending" else "succeeded",
        transfer_reversal=None,
    )  # fmt: skip
    with store.change(charge, "charge.refunded"):
        return_money(charge, amount)
    store.emit("refund.created", refund)
    if charge["refunded"]:
        answer_warnings(store, charge["id"])
    if outcome == "pending":
        store.later(store.settle_seconds, lambda: _succeed(store, refund))
    if outcome == "failed":
        store.later(store.settle_seconds, lambda: fail_refund(store, refund))
    return refund


def _find_charge(store: Store, params: Thing) -> Thing:
    """Return the captured charge that a call names, by itself or by its payment."""
    if params.get("charge"):
        charge = store.get("charges", params["charge"], "charge")
    elif params.get("payment_intent"):
        intent = store.get("payment_intents", params["payment_intent"], "payment_intent")
        charge = store.objects["charges"].get(intent["latest_charge"] or "", {})
    else:
        found = "One of the following params should be provided for this request: payment_intent or charge."
        raise invalid_parameter("payment_intent", found, "parameter_missing")
    if not charge.get("captured"):
        raise ApiError(400, "This payment does not have a successful charge to refund.", param="payment_intent")
    return charge


def _find_amount(store: Store, charge: Thing, wanted: int | None) -> int:
    """Return what is to be refunded; without an amount, all that is left."""
    left: int = charge["amount_captured"] - charge["amount_refunded"]
    if not left:
        raise ApiError(400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if is_charged_back(store, charge["id"]):
        found = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise ApiError(400, found, code="charge_disputed")
    amount = left if wanted is None else wanted
    if amount > left:
        found = f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})"
        raise invalid_parameter("amount", found)
    return amount


def is_charged_back(store: Store, charge: str) -> bool:
    """Tell whether a dispute, which is more than an inquiry, keeps a charge from being refunded."""
    return any(not one["is_charge_refundable"] for one in store.where("disputes", charge=charge))


def _succeed(store: Store, refund: Thing) -> None:
    if refund["status"] == "pending":
        with store.change(refund, "refund.updated", "charge.refund.updated"):
            refund["status"] = "succeeded"


def fail_refund(store: Store, refund: Thing) -> Thing:
    """Let the bank send a refund back: the charge's refunded amount goes down again.

    Raises:
        ApiError: It failed already.
    """
    if refund["status"] not in HELD:
        raise ApiError(400, f"{refund['id']} is {refund['status']}.")
    charge = store.get("charges", refund["charge"])
    with store.change(charge, "charge.updated"):
        return_money(charge, -refund["amount"])
    with store.change(refund, "refund.updated", "refund.failed", "charge.refund.updated"):
        refund |= {"status": "failed", "failure_reason": "lost_or_stolen_card"}
    return refund


def _update(store: Store, params: Thing, id: str) -> Thing:
    refund = store.get("refunds", id)
    with store.change(refund, "refund.updated", "charge.refund.updated"):
        refund["metadata"] = merge_metadata(refund["metadata"], params.get("metadata") or {})
    return refund


OPERATIONS = (
    Operation(method="POST", path="/v1/refunds", run=create_refund, accepts=_CREATE),
    retrieve("refunds"),
    Operation(method="POST", path="/v1/refunds/{id}", run=_update, accepts={"metadata": metadata}),
    listing("refunds", charge=text, payment_intent=text),
)
