"""Checkout sessions of the mode `payment`: what they sell, and how they end.

A session is open until it is complete or expired. A complete one is paid, needs no payment, or is unpaid while a bank
account's payment is processing.
"""

from lab.services.local_stripe.checkout import expire_session
from lab.services.local_stripe.customers import get_customer
from lab.services.local_stripe.errors import Thing, invalid_parameter
from lab.services.local_stripe.methods import choose_types
from lab.services.local_stripe.operations import PAGE, Operation, list_lines, listing, require, retrieve
from lab.services.local_stripe.parameters import (
    Reader,
    freeform,
    group,
    many,
    merge_metadata,
    metadata,
    off,
    one_of,
    text,
    whole,
)
from lab.services.local_stripe.session_lines import LINE, make_lines, sum_up
from lab.services.local_stripe.store import Store

_DAY, _HALF_HOUR = 86_400, 1_800
_PAYMENT_DATA = group({
    "description": text, "metadata": metadata, "receipt_email": text, "shipping": freeform,
    "setup_future_usage": one_of("off_session", "on_session"),
})  # fmt: skip
_OFF = group({"enabled": off})
_CREATE: dict[str, Reader] = {
    "mode": one_of("payment"), "line_items": many(LINE), "success_url": text, "cancel_url": text,
    "client_reference_id": text, "metadata": metadata, "customer": text, "customer_email": text,
    "customer_creation": one_of("always", "if_required"), "payment_intent_data": _PAYMENT_DATA, "locale": text,
    "discounts": many(group({"coupon": text, "promotion_code": text}), 1), "expires_at": whole(0, 99_999_999_999),
    "payment_method_types": many(one_of("card", "sepa_debit")), "ui_mode": one_of("hosted_page"),
    "allow_promotion_codes": off, "automatic_tax": _OFF, "invoice_creation": _OFF, "phone_number_collection": _OFF,
    "submit_type": one_of("auto", "book", "donate", "pay"), "billing_address_collection": one_of("auto", "required"),
}  # fmt: skip
_EMPTY = (
    "after_expiration", "allow_promotion_codes", "cancel_url", "client_reference_id", "collected_information",
    "consent", "consent_collection", "currency_conversion", "customer", "customer_details", "customer_email",
    "invoice", "locale", "payment_intent", "payment_link", "payment_method_configuration_details", "permissions",
    "recovered_from", "saved_payment_method_options", "setup_intent", "shipping_address_collection",
    "shipping_cost", "submit_type", "subscription", "billing_address_collection", "client_secret",
    "origin_context", "wallet_options",
)  # fmt: skip


def create_session(store: Store, params: Thing, id: str) -> Thing:
    """Make a session that sells one-time prices.

    Raises:
        ApiError: A parameter is not allowed, or a price cannot be sold.
    """
    require(params, "line_items", "success_url")
    _check_customer(store, params)
    expires_at = _read_expiry(store, params.get("expires_at"))
    session_id = store.draw_id("cs_test_", 58)
    discounts = [{"coupon": None, "promotion_code": None, **one} for one in params.get("discounts") or []]
    lines = make_lines(store, params["line_items"], discounts)
    session = store.add(
        "checkout/sessions", session_id, **_empty() | _given(params), **sum_up(lines), discounts=discounts,
        expires_at=expires_at, metadata=merge_metadata({}, params.get("metadata") or {}),
        customer_creation=None if params.get("customer") else params.get("customer_creation", "if_required"),
        payment_method_types=choose_types(params.get("payment_method_types"), lines[0]["currency"]),
        url=f"{store.base_url}/c/pay/{session_id}",
    )  # fmt: skip
    store.lines[session_id] = lines
    store.extras[session_id] = {"payment": params.get("payment_intent_data") or {}}
    return session


def _empty() -> Thing:
    """Return what every session begins with."""
    return {
        **dict.fromkeys(_EMPTY), "adaptive_pricing": {"enabled": False}, "custom_fields": [],
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "invoice_creation": None, "mode": "payment", "payment_method_collection": "if_required",
        "payment_method_options": {}, "phone_number_collection": {"enabled": False}, "shipping_options": [],
        "status": "open", "ui_mode": "hosted_page",
    }  # fmt: skip


def _given(params: Thing) -> Thing:
    """Return the parameters that a session shows as they are."""
    names = (
        "success_url", "cancel_url", "client_reference_id", "customer", "customer_email", "locale", "submit_type",
        "billing_address_collection",
    )  # fmt: skip
    return {name: params.get(name) for name in names}


def _check_customer(store: Store, params: Thing) -> None:
    if params.get("customer"):
        get_customer(store, params["customer"])
        if params.get("customer_email") or params.get("customer_creation"):
            found = "You may only specify one of these parameters: customer, customer_email, customer_creation."
            raise invalid_parameter("customer", found)


def _read_expiry(store: Store, wanted: int | None) -> int:
    """Return when a session expires: 30 minutes to 24 hours from now."""
    now = store.now()
    if wanted is not None and not now + _HALF_HOUR <= wanted <= now + _DAY:
        raise invalid_parameter("expires_at", "The `expires_at` timestamp must be 30 minutes to 24 hours from now.")
    return wanted or now + _DAY


def _update(store: Store, params: Thing, id: str) -> Thing:
    session = store.get("checkout/sessions", id)
    session["metadata"] = merge_metadata(session["metadata"], params.get("metadata") or {})
    return session


def _list_lines(store: Store, params: Thing, id: str) -> Thing:
    return list_lines(store, store.get("checkout/sessions", id)["id"], params)


_PATH = "/v1/checkout/sessions"
OPERATIONS = (
    Operation(method="POST", path=_PATH, run=create_session, accepts=_CREATE, required=("mode",)),
    retrieve("checkout/sessions"),
    Operation(method="POST", path=f"{_PATH}/{{id}}", run=_update, accepts={"metadata": metadata}),
    Operation(
        method="POST",
        path=f"{_PATH}/{{id}}/expire",
        run=lambda store, _, id: expire_session(store, store.get("checkout/sessions", id)),
    ),
    Operation(method="GET", path=f"{_PATH}/{{id}}/line_items", run=_list_lines, accepts=PAGE),
    listing(
        "checkout/sessions",
        customer=text,
        payment_intent=text,
        status=one_of("open", "complete", "expired"),
        customer_details=group({"email": text}, ("email",)),
    ),
)
