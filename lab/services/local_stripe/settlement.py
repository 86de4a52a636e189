"""What becomes of a payment: taken at once, at its bank for a while, declined; and what its Checkout session hears."""

from lab.services.local_stripe.charges import decline_code, make_charge, take_money
from lab.services.local_stripe.disputes import open_dispute, warn
from lab.services.local_stripe.errors import ApiError, Thing
from lab.services.local_stripe.methods import Behaviour, behaviour_of
from lab.services.local_stripe.store import Store


def attempt(store: Store, intent: Thing, method: Thing) -> None:
    """Try to take a payment.

    Raises:
        ApiError: The bank declined; the attempt is kept with its events.
    """
    behaviour = behaviour_of(store, method["id"])
    charge = make_charge(store, intent, method, behaviour)
    intent_start = {"latest_charge": charge["id"], "payment_method": method["id"], "next_action": None}
    if behaviour.declined:
        _decline(store, intent, charge, method)
    elif behaviour.type == "sepa_debit":
        store.emit("charge.pending", charge)
        with store.change(intent, "payment_intent.processing"):
            intent |= {**intent_start, "status": "processing", "last_payment_error": None}
        if behaviour.settles:
            succeeded = behaviour.settles == "succeeded"
            store.later(store.settle_seconds, lambda: settle(store, intent, succeeded))
    elif intent["capture_method"] == "manual":
        store.emit("charge.succeeded", charge)
        with store.change(intent, "payment_intent.amount_capturable_updated"):
            intent |= {**intent_start, "status": "requires_capture", "amount_capturable": intent["amount"]}
    else:
        intent |= intent_start
        _take(store, intent, charge, behaviour)


def _take(store: Store, intent: Thing, charge: Thing, behaviour: Behaviour, event: str = "charge.succeeded") -> None:
    """Take the money of a charge, complete its payment, and let follow what the made-up card brings."""
    take_money(charge)
    store.emit(event, charge)
    with store.change(intent, "payment_intent.succeeded"):
        intent |= {
            "status": "succeeded", "amount_received": intent["amount"], "amount_capturable": 0,
            "last_payment_error": None,
        }  # fmt: skip
    if behaviour.then == "warning":
        warn(store, charge)
    elif behaviour.then:
        reason = {"not_received": "product_not_received"}.get(behaviour.then, "fraudulent")
        open_dispute(store, charge, reason=reason, inquiry=behaviour.then == "inquiry")


def _decline(store: Store, intent: Thing, charge: Thing, method: Thing) -> None:
    """Keep a declined attempt, and refuse the call."""
    store.emit("charge.failed", charge)
    reason = charge["outcome"]["reason"]
    error = {
        "type": "card_error", "code": decline_code(reason), "decline_code": reason, "charge": charge["id"],
        "message": "Your card was declined." if reason != "authentication_required" else "Authentication is required.",
    }  # fmt: skip
    _return_to_start(store, intent, charge, {**error, "payment_method": method})
    raise ApiError(402, **error, payment_intent=dict(intent), payment_method=method)


def _return_to_start(store: Store, intent: Thing, charge: Thing, error: Thing) -> None:
    """Let a payment wait for another payment method."""
    with store.change(intent, "payment_intent.payment_failed"):
        intent |= {
            "status": "requires_payment_method", "last_payment_error": error, "latest_charge": charge["id"],
            "payment_method": None, "next_action": None,
        }  # fmt: skip


def capture(store: Store, intent: Thing) -> Thing:
    """Take a payment that was only authorised, in full.

    Raises:
        ApiError: It is in another state.
    """
    require_status(intent, "requires_capture", "captured")
    charge = store.get("charges", intent["latest_charge"])
    _take(store, intent, charge, behaviour_of(store, charge["payment_method"]), "charge.captured")
    return intent


def settle(store: Store, intent: Thing, succeeded: bool) -> Thing:
    """Let a bank account pay or fail, after the payment was processing.

    Raises:
        ApiError: The payment is in another state.
    """
    require_status(intent, "processing", "settled")
    charge = store.get("charges", intent["latest_charge"])
    if succeeded:
        _take(store, intent, charge, behaviour_of(store, charge["payment_method"]))
    else:
        charge |= {"status": "failed", "failure_code": "debit_not_authorized", "failure_message": "The debit failed."}
        store.emit("charge.failed", charge)
        code = {"code": "payment_intent_payment_attempt_failed", "message": "The debit failed."}
        _return_to_start(store, intent, charge, {"type": "card_error", "charge": charge["id"], **code})
    _tell_session(store, intent, succeeded)
    return intent


def _tell_session(store: Store, intent: Thing, succeeded: bool) -> None:
    """Let the Checkout session of a settled payment say so."""
    for session in store.where("checkout/sessions", payment_intent=intent["id"], status="complete"):
        if succeeded:
            session["payment_status"] = "paid"
        store.emit(f"checkout.session.async_payment_{'succeeded' if succeeded else 'failed'}", session)


def require_status(intent: Thing, status: str, done: str) -> None:
    """Refuse what a payment's state does not allow."""
    if intent["status"] != status:
        found = f"This PaymentIntent could not be {done} because it has a status of {intent['status']}."
        raise ApiError(400, found, code="payment_intent_unexpected_state", payment_intent=dict(intent))
