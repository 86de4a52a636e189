"""The undocumented calls by which Stripe's own command line pays a Checkout session.

Source: stripe/stripe-cli, pkg/fixtures/triggers/checkout.session.completed.json
"""

from lab.services.local_stripe.checkout import pay_session
from lab.services.local_stripe.errors import Thing, invalid_parameter
from lab.services.local_stripe.operations import Operation
from lab.services.local_stripe.parameters import text, whole
from lab.services.local_stripe.store import Store


def _show(store: Store, params: Thing, id: str) -> Thing:
    session = store.get("checkout/sessions", id)
    return {"id": id, "object": "checkout.payment_page", "session_id": id, "total": session["amount_total"]}


def _confirm(store: Store, params: Thing, id: str) -> Thing:
    session = store.get("checkout/sessions", id)
    if params.get("expected_amount", session["amount_total"]) != session["amount_total"]:
        raise invalid_parameter("expected_amount", "The amount is not the session's.", "checkout_amount_mismatch")
    method = params.get("payment_method")
    billing = store.get("payment_methods", method, "payment_method")["billing_details"] if method else {}
    pay_session(store, session, method, {"email": billing.get("email"), "name": billing.get("name")})
    return _show(store, {}, id)


_CONFIRM = {"payment_method": text, "expected_amount": whole()}
OPERATIONS = (
    Operation(method="GET", path="/v1/payment_pages/{id}", run=_show),
    Operation(method="POST", path="/v1/payment_pages/{id}/confirm", run=_confirm, accepts=_CONFIRM),
)
