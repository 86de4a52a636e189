"""Charges: what a payment tried to take, what it took, and what went back."""

from lab.services.local_stripe.errors import Thing
from lab.services.local_stripe.methods import Behaviour, show_method
from lab.services.local_stripe.operations import Operation, listing, retrieve
from lab.services.local_stripe.parameters import freeform, merge_metadata, metadata, text
from lab.services.local_stripe.store import Store

# What a bank says -> the code of the error; any other reason is a declined card. Source: docs.stripe.com/declines/codes
_CODES = ("expired_card", "incorrect_cvc", "processing_error", "authentication_required")
_EMPTY = (
    "application", "application_fee", "application_fee_amount", "balance_transaction", "failure_balance_transaction",
    "failure_code", "failure_message", "on_behalf_of", "receipt_number", "receipt_url", "review", "source_transfer",
    "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group",
)  # fmt: skip


def decline_code(reason: str) -> str:
    """Return the error's code for what a bank says."""
    return reason if reason in _CODES else "card_declined"


def make_charge(store: Store, intent: Thing, method: Thing, behaviour: Behaviour) -> Thing:
    """Keep the attempt to take a payment: declined, pending at a bank, or authorised; nothing is taken yet."""
    reason = behaviour.declined
    status = "failed" if reason else "pending" if behaviour.type == "sepa_debit" else "succeeded"
    charge = store.add(
        "charges", amount=intent["amount"], amount_captured=0, amount_refunded=0, currency=intent["currency"],
        **dict.fromkeys(_EMPTY), billing_details=method["billing_details"], captured=False, customer=intent["customer"],
        calculated_statement_descriptor="LOCAL STRIPE", description=intent["description"], disputed=False,
        fraud_details={}, metadata=dict(intent["metadata"]), outcome=_describe_outcome(status, reason),
        paid=status == "succeeded", payment_intent=intent["id"], payment_method=method["id"],
        payment_method_details={behaviour.type: show_method(behaviour), "type": behaviour.type}, radar_options={},
        receipt_email=intent["receipt_email"], refunded=False, shipping=intent["shipping"], source=None, status=status,
    )  # fmt: skip
    if reason:
        charge |= {"failure_code": decline_code(reason), "failure_message": "The made-up bank declined the payment."}
    return charge


def _describe_outcome(status: str, reason: str | None) -> Thing | None:
    """Return what the bank's side says of an attempt; nothing while it is pending."""
    if status == "pending":
        return None
    seller = "The bank returned a decline." if reason else "Payment complete."
    network = "declined_by_network" if reason else "approved_by_network"
    type = "issuer_declined" if reason else "authorized"
    return {"network_status": network, "reason": reason, "risk_level": "normal", "seller_message": seller, "type": type}


def take_money(charge: Thing) -> None:
    """Mark a charge as captured in full."""
    charge |= {
        "status": "succeeded", "paid": True, "captured": True, "amount_captured": charge["amount"],
        "outcome": _describe_outcome("succeeded", None),
    }  # fmt: skip


def return_money(charge: Thing, amount: int) -> None:
    """Add to what was refunded of a charge; a negative amount takes a failed refund back."""
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def _update(store: Store, params: Thing, id: str) -> Thing:
    charge = store.get("charges", id)
    with store.change(charge, "charge.updated"):
        if "metadata" in params:
            charge["metadata"] = merge_metadata(charge["metadata"], params["metadata"])
        charge |= {
            name: value for name, value in params.items() if name in ("description", "receipt_email", "shipping")
        }
    return charge


OPERATIONS = (
    retrieve("charges"),
    Operation(
        method="POST", path="/v1/charges/{id}", run=_update,
        accepts={"description": text, "metadata": metadata, "receipt_email": text, "shipping": freeform},
    ),
    listing("charges", customer=text, payment_intent=text),
)  # fmt: skip
