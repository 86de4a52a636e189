"""How a Checkout session ends: paid on its page, or expired."""

from typing import Any

from lab.services.local_stripe.customers import create_customer
from lab.services.local_stripe.discounts import count_redemption
from lab.services.local_stripe.errors import ApiError, Thing
from lab.services.local_stripe.payments import cancel_intent, confirm_intent, create_intent
from lab.services.local_stripe.store import Store


def require_open(session: Thing) -> None:
    """Refuse to go on with a session that has ended."""
    if session["status"] != "open":
        found = f"This Checkout Session is {session['status']}; only an open one can be paid or expired."
        raise ApiError(400, found, code="checkout_session_not_open")


def pay_session(store: Store, session: Thing, method: str | None, details: Thing | None = None) -> Thing:
    """Pay an open session, as a buyer does on its page.

    Args:
        store: The account.
        session: An open one.
        method: A payment method, or an id that stands for one; None if nothing is to be paid.
        details: The buyer's `email` and `name`.

    Raises:
        ApiError: The session has ended, or the bank declined; then the session stays open.
    """
    require_open(session)
    made: Any = None
    if session["amount_total"]:
        made = _pay(store, session, method or "")
    session["payment_intent"] = made and made["id"]
    _complete(store, session, details or {})
    return session


def _pay(store: Store, session: Thing, method: str) -> Thing:
    """Take the payment of a session; a declined one is tried again with the same payment intent."""
    extras = store.extras[session["id"]]
    if "intent" not in extras:
        wanted = {"amount": session["amount_total"], "currency": session["currency"], "customer": session["customer"]}
        types = {"payment_method_types": session["payment_method_types"]}
        extras["intent"] = create_intent(store, {**extras["payment"], **wanted, **types})["id"]
        store.extras[extras["intent"]]["session"] = session["id"]
    intent = confirm_intent(store, {"payment_method": method}, extras["intent"])
    if intent["status"] == "requires_action":
        raise ApiError(402, "The bank wants to ask its customer, which this page cannot.", type="card_error")
    return intent


def _complete(store: Store, session: Thing, details: Thing) -> None:
    """End a session that was paid, or will be by a bank account."""
    email = details.get("email") or session["customer_email"]
    if session["customer_creation"] == "always":
        session["customer"] = create_customer(store, {"email": email, "name": details.get("name")})["id"]
    for discount in session["discounts"]:
        count_redemption(store, discount)
    session["customer_details"] = {
        "address": None, "business_name": None, "email": email, "individual_name": None, "name": details.get("name"),
        "phone": None, "tax_exempt": "none", "tax_ids": [],
    }  # fmt: skip
    intent = store.objects["payment_intents"].get(session["payment_intent"] or "", {})
    if intent.get("status") == "succeeded":
        session["payment_status"] = "paid"
    session |= {"status": "complete", "url": None}
    store.emit("checkout.session.completed", session)


def expire_session(store: Store, session: Thing) -> Thing:
    """End an open session unpaid; a payment that was tried is canceled.

    Raises:
        ApiError: The session has ended already.
    """
    require_open(session)
    session |= {"status": "expired", "url": None}
    if intent := store.extras[session["id"]].get("intent"):
        cancel_intent(store, {"cancellation_reason": "abandoned"}, intent)
    store.emit("checkout.session.expired", session)
    return session


def expire_due(store: Store) -> None:
    """Expire every open session whose time is over."""
    for session in store.where("checkout/sessions", status="open"):
        if session["expires_at"] <= store.now():
            expire_session(store, session)
