"""What the world outside the shop does, on demand: buyers' banks, cardholders, and Stripe's dashboard."""

from collections.abc import Callable

from lab.services.local_stripe.account import roll_secret
from lab.services.local_stripe.checkout import expire_session, pay_session
from lab.services.local_stripe.disputes import decide, escalate, open_dispute, warn
from lab.services.local_stripe.errors import ApiError, Thing, missing_object
from lab.services.local_stripe.parameters import group, whole
from lab.services.local_stripe.refunds import create_refund, fail_refund
from lab.services.local_stripe.settlement import settle
from lab.services.local_stripe.store import Store

Act = Callable[[Store, str, Thing], Thing]


def _intent(store: Store, id: str) -> Thing:
    """Return a payment by its id, or by its Checkout session's or charge's."""
    found = store.find(id)
    if found is not None and found["object"] in ("checkout.session", "charge"):
        id = found["payment_intent"] or id
    return store.get("payment_intents", id)


def _charge(store: Store, id: str) -> Thing:
    return store.get("charges", _intent(store, id)["latest_charge"] or id)


def _refund(store: Store, id: str, form: Thing) -> Thing:
    wanted = group({"amount": whole(1)})({key: value for key, value in form.items() if value}, "")
    return create_refund(store, {"payment_intent": _intent(store, id)["id"], **wanted})


def _pay(store: Store, id: str, form: Thing) -> Thing:
    method = form.get("payment_method") or "pm_card_visa"
    return pay_session(store, store.get("checkout/sessions", id), method, {"email": form.get("email")})


def _resend(store: Store, id: str, form: Thing) -> Thing:
    """Send an event once more, to the endpoints that it was sent to; there is a button for it in the dashboard."""
    event = store.events.get(id)
    if event is None:
        raise missing_object("event", id)
    known = [one.endpoint for one in store.deliveries if one.event is event]
    if not known:
        raise ApiError(400, f"No endpoint wanted {event.type} when it happened.")
    for endpoint in known:
        store.queue(event, endpoint)
    return event.write(store.pending(event))


def _disable(store: Store, id: str, form: Thing) -> Thing:
    """Disable an endpoint, as Stripe does after days of failures."""
    store.get("webhook_endpoints", id)["status"] = "disabled"
    return store.get("webhook_endpoints", id)


def _roll(store: Store, id: str, form: Thing) -> Thing:
    overlap = group({"overlap_seconds": whole(0, 604_800)})(dict(form), "").get("overlap_seconds", 86_400)
    return {"secret": roll_secret(store, id, overlap)}


ACTIONS: dict[str, Act] = {
    "pay": _pay,
    "expire": lambda store, id, _: expire_session(store, store.get("checkout/sessions", id)),
    "settle": lambda store, id, _: settle(store, _intent(store, id), True),
    "fail": lambda store, id, _: settle(store, _intent(store, id), False),
    "refund": _refund,
    "fail_refund": lambda store, id, _: fail_refund(store, store.get("refunds", id)),
    "dispute": lambda store, id, _: open_dispute(store, _charge(store, id)),
    "inquire": lambda store, id, _: open_dispute(store, _charge(store, id), inquiry=True),
    "escalate": lambda store, id, _: escalate(store, store.get("disputes", id)),
    "win": lambda store, id, _: decide(store, store.get("disputes", id), "won"),
    "lose": lambda store, id, _: decide(store, store.get("disputes", id), "lost"),
    "warn": lambda store, id, _: warn(store, _charge(store, id)),
    "resend": _resend,
    "disable": _disable,
    "roll": _roll,
}
"""Actions by name: each takes the store, an id and the fields of a form."""


def act(store: Store, name: str, id: str, form: Thing | None = None) -> Thing:
    """Do one of `ACTIONS` on the object of an id, and return what it became.

    Raises:
        ApiError: There is no such action or object, or the object's state does not allow it.
    """
    if name not in ACTIONS:
        raise ApiError(404, f"There is no action {name[:40]}; there are {', '.join(ACTIONS)}.")
    with store.lock:
        return ACTIONS[name](store, id, form or {})
