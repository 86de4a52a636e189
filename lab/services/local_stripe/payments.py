"""Payment intents.

A payment moves from requires_payment_method or requires_confirmation to succeeded; a bank account's is processing in
between, and a manual one requires_capture. A declined one requires another payment method; one that is not paid can be
canceled.
"""

from lab.services.local_stripe.catalogue import apply_update, read_currency
from lab.services.local_stripe.customers import get_customer
from lab.services.local_stripe.errors import NOTICE, ApiError, Thing, invalid_parameter
from lab.services.local_stripe.methods import behaviour_of, choose_types, find_method
from lab.services.local_stripe.operations import Operation, Run, listing, retrieve
from lab.services.local_stripe.parameters import (
    Reader,
    flag,
    freeform,
    group,
    many,
    merge_metadata,
    metadata,
    one_of,
    text,
    whole,
)
from lab.services.local_stripe.settlement import attempt, capture
from lab.services.local_stripe.store import Store

_TYPES = many(one_of("card", "sepa_debit"))
_AUTOMATIC = group({"enabled": flag, "allow_redirects": one_of("always", "never")}, ("enabled",))
_CONFIRM: dict[str, Reader] = {
    "payment_method": text, "return_url": text, "mandate_data": freeform, "off_session": flag,
    "setup_future_usage": one_of("off_session", "on_session"), "receipt_email": text, "shipping": freeform,
}  # fmt: skip
_UPDATE: dict[str, Reader] = {"description": text, "metadata": metadata, "receipt_email": text, "shipping": freeform}
_CREATE: dict[str, Reader] = {
    **_CONFIRM, **_UPDATE, "amount": whole(1), "currency": text, "customer": text, "confirm": flag,
    "payment_method_types": _TYPES, "automatic_payment_methods": _AUTOMATIC,
    "capture_method": one_of("automatic", "automatic_async", "manual"),
    "confirmation_method": one_of("automatic", "manual"),
}  # fmt: skip
_EMPTY = (
    "application", "application_fee_amount", "canceled_at", "cancellation_reason", "last_payment_error",
    "latest_charge", "next_action", "on_behalf_of", "payment_method_configuration_details", "processing",
    "review", "source", "statement_descriptor", "statement_descriptor_suffix", "transfer_data", "transfer_group",
)  # fmt: skip
_OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")


def create_intent(store: Store, params: Thing, id: str = "") -> Thing:
    """Make a payment, and with `confirm` try to take it.

    Raises:
        ApiError: A parameter is not allowed, or the bank declined; then the payment is kept.
    """
    if params.get("customer"):
        get_customer(store, params["customer"])
    currency = read_currency(params["currency"])
    types = choose_types(params.get("payment_method_types"), currency)
    method = find_method(store, params["payment_method"])["id"] if params.get("payment_method") else None
    intent_id = store.draw_id("pi_")
    intent = store.add(
        "payment_intents", intent_id, amount=params["amount"], amount_capturable=0, amount_details={"tip": {}},
        amount_received=0, **dict.fromkeys(_EMPTY), capture_method=params.get("capture_method", "automatic_async"),
        automatic_payment_methods=params.get("automatic_payment_methods"),
        client_secret=f"{intent_id}_secret_{store.draw_id('')}",
        confirmation_method=params.get("confirmation_method", "automatic"), currency=currency,
        customer=params.get("customer"), description=params.get("description"),
        metadata=merge_metadata({}, params.get("metadata") or {}), payment_method=method, payment_method_options={},
        payment_method_types=types, receipt_email=params.get("receipt_email"),
        setup_future_usage=params.get("setup_future_usage"), shipping=params.get("shipping"),
        status="requires_confirmation" if method else "requires_payment_method",
    )  # fmt: skip
    store.emit("payment_intent.created", intent)
    return confirm_intent(store, {"payment_method": method}, intent_id) if params.get("confirm") else intent


def confirm_intent(store: Store, params: Thing, id: str) -> Thing:
    """Try to take a payment with a payment method.

    Raises:
        ApiError: The payment's state does not allow it, or the bank declined.
    """
    intent = store.get("payment_intents", id, "intent")
    _require_open(intent, "confirmed")
    chosen = params.get("payment_method") or intent["payment_method"]
    if not chosen:
        found = "You cannot confirm this PaymentIntent because it's missing a payment method."
        raise ApiError(400, found, code="payment_intent_unexpected_state", payment_intent=dict(intent))
    method = find_method(store, chosen)
    if method["type"] not in intent["payment_method_types"]:
        found = f"The PaymentMethod provided ({method['type']}) is not allowed for this PaymentIntent."
        raise invalid_parameter("payment_method", found)
    if _needs_action(store, intent, method):
        with store.change(intent, "payment_intent.requires_action"):
            step = {"type": "use_stripe_sdk", "use_stripe_sdk": {"type": "three_d_secure_redirect", "note": NOTICE}}
            intent |= {"status": "requires_action", "payment_method": method["id"], "next_action": step}
        return intent
    attempt(store, intent, method)
    return intent


def _needs_action(store: Store, intent: Thing, method: Thing) -> bool:
    """Tell whether the cardholder's bank wants to be asked first; nobody can answer it here."""
    declined = behaviour_of(store, method["id"]).declined
    return declined == "authentication_required" and intent["status"] != "requires_action"


def _require_open(intent: Thing, done: str) -> None:
    if intent["status"] not in _OPEN:
        found = f"This PaymentIntent could not be {done} because it has a status of {intent['status']}."
        raise ApiError(400, found, code="payment_intent_unexpected_state", payment_intent=dict(intent))


def cancel_intent(store: Store, params: Thing, id: str) -> Thing:
    """Cancel a payment that was not taken."""
    intent = store.get("payment_intents", id, "intent")
    if intent["status"] == "requires_capture":
        raise ApiError(400, f"An authorised payment cannot be canceled here. {NOTICE}")
    _require_open(intent, "canceled")
    with store.change(intent, "payment_intent.canceled"):
        reason = params.get("cancellation_reason")
        intent |= {"status": "canceled", "canceled_at": store.now(), "cancellation_reason": reason, "next_action": None}
    return intent


def _of_its_own(run: Run) -> Run:
    """Refuse a payment that belongs to a Checkout session, as Stripe does: its page alone pays it."""

    def run_alone(store: Store, params: Thing, id: str) -> Thing:
        if "session" in store.extras.get(id, {}):
            raise ApiError(400, "This PaymentIntent belongs to a Checkout Session: pay or expire the session instead.")
        return run(store, params, id)

    return run_alone


def _update(store: Store, params: Thing, id: str) -> Thing:
    """Change texts of a payment. Stripe has no event for it."""
    intent = store.get("payment_intents", id, "intent")
    apply_update(intent, params)
    return intent


_PATH = "/v1/payment_intents"
_REASON = one_of("abandoned", "duplicate", "fraudulent", "requested_by_customer")
OPERATIONS = (
    Operation(method="POST", path=_PATH, run=create_intent, accepts=_CREATE, required=("amount", "currency")),
    retrieve("payment_intents"),
    Operation(method="POST", path=f"{_PATH}/{{id}}", run=_update, accepts=_UPDATE),
    Operation(method="POST", path=f"{_PATH}/{{id}}/confirm", run=_of_its_own(confirm_intent), accepts=_CONFIRM),
    Operation(
        method="POST",
        path=f"{_PATH}/{{id}}/capture",
        run=lambda store, _, id: capture(store, store.get("payment_intents", id)),
    ),
    Operation(
        method="POST",
        path=f"{_PATH}/{{id}}/cancel",
        run=_of_its_own(cancel_intent),
        accepts={"cancellation_reason": _REASON},
    ),
    listing("payment_intents", customer=text),
)
