"""Payment methods, and what the made-up cards and bank accounts of Stripe's documentation do.

Source: docs.stripe.com/testing, docs.stripe.com/payments/sepa-debit/accept-a-payment
"""

from dataclasses import dataclass

from lab.services.local_stripe.catalogue import apply_update
from lab.services.local_stripe.customers import get_customer
from lab.services.local_stripe.errors import ApiError, Thing, invalid_parameter, missing_object
from lab.services.local_stripe.operations import Operation, require, retrieve
from lab.services.local_stripe.parameters import Reader, freeform, group, merge_metadata, metadata, one_of, text, whole
from lab.services.local_stripe.store import Store


@dataclass(frozen=True, kw_only=True)
class Behaviour:
    """What becomes of a payment.

    Args:
        type: `card`, or `sepa_debit`, which takes a while.
        number: The card's number or the account's IBAN; only its last four digits are shown.
        declined: Why the bank refuses, in Stripe's words for it.
        settles: Of a bank account: `succeeded` or `failed`, or None if a person says so.
        then: What follows a payment: `dispute`, `not_received`, `inquiry` or `warning`.
        refund: What becomes of a refund: `succeeded`, `pending` and then succeeded, or `failed` after all.
    """

    type: str = "card"
    number: str
    declined: str | None = None
    settles: str | None = None
    then: str | None = None
    refund: str = "succeeded"


_CARDS = {
    "visa": Behaviour(number="4242424242424242"),
    "mastercard": Behaviour(number="5555555555554444"),
    "amex": Behaviour(number="378282246310005"),
    "chargeDeclined": Behaviour(number="4000000000000002", declined="generic_decline"),
    "chargeDeclinedInsufficientFunds": Behaviour(number="4000000000009995", declined="insufficient_funds"),
    "chargeDeclinedLostCard": Behaviour(number="4000000000009987", declined="lost_card"),
    "chargeDeclinedStolenCard": Behaviour(number="4000000000009979", declined="stolen_card"),
    "chargeDeclinedExpiredCard": Behaviour(number="4000000000000069", declined="expired_card"),
    "chargeDeclinedIncorrectCvc": Behaviour(number="4000000000000127", declined="incorrect_cvc"),
    "chargeDeclinedProcessingError": Behaviour(number="4000000000000119", declined="processing_error"),
    "chargeCustomerFail": Behaviour(number="4000000000000341", declined="generic_decline"),
    "authenticationRequired": Behaviour(number="4000002760003184", declined="authentication_required"),
    "createDispute": Behaviour(number="4000000000000259", then="dispute"),
    "createDisputeProductNotReceived": Behaviour(number="4000000000002685", then="not_received"),
    "createDisputeInquiry": Behaviour(number="4000000000001976", then="inquiry"),
    "createIssuerFraudRecord": Behaviour(number="4000000000005423", then="warning"),
    "pendingRefund": Behaviour(number="4000000000007726", refund="pending"),
    "refundFail": Behaviour(number="4000000000005126", refund="failed"),
}
_BANKS = {
    "success_at": Behaviour(type="sepa_debit", number="AT611904300234573201", settles="succeeded"),
    "success_de": Behaviour(type="sepa_debit", number="DE89370400440532013000", settles="succeeded"),
    "successDelayed_at": Behaviour(type="sepa_debit", number="AT321904300235473204"),
    "successDelayed_de": Behaviour(type="sepa_debit", number="DE08370400440532013003"),
    "failed_at": Behaviour(type="sepa_debit", number="AT861904300235473202", settles="failed"),
    "failed_de": Behaviour(type="sepa_debit", number="DE62370400440532013001", settles="failed"),
    "failed_it": Behaviour(type="sepa_debit", number="IT60X0542811101000000123456", settles="failed"),
    "failedDelayed_at": Behaviour(type="sepa_debit", number="AT051904300235473205"),
    "failedDelayed_de": Behaviour(type="sepa_debit", number="DE78370400440532013004"),
    "disputed_at": Behaviour(type="sepa_debit", number="AT591904300235473203", settles="succeeded", then="dispute"),
    "disputed_de": Behaviour(type="sepa_debit", number="DE35370400440532013002", settles="succeeded", then="dispute"),
}
BEHAVIOURS: dict[str, Behaviour] = {
    **{f"pm_card_{name}": one for name, one in _CARDS.items()},
    "pm_card_visa_chargeDeclined": _CARDS["chargeDeclined"],
    **{f"pm_card_visa_{name}": one for name, one in _CARDS.items() if name.startswith("chargeDeclined")},
    **{f"pm_{name}": one for name, one in _BANKS.items()},
}
"""The ids that stand for a made-up card or bank account, as in Stripe's test mode."""
_NUMBERS = {one.number: one for one in BEHAVIOURS.values()}
_CARD = group({"token": text, "number": text, "exp_month": whole(1, 12), "exp_year": whole(2000, 2100), "cvc": text})
_CREATE: dict[str, Reader] = {
    "type": one_of("card", "sepa_debit"), "card": _CARD, "sepa_debit": group({"iban": text}, ("iban",)),
    "billing_details": freeform, "metadata": metadata, "customer": text,
}  # fmt: skip


def _create(store: Store, params: Thing, id: str) -> Thing:
    """Make a payment method of a made-up card or IBAN. Real numbers are refused, and never kept."""
    if params["type"] == "card":
        require(params, "card")
        card = params["card"]
        token = (card.get("token") or "").removeprefix("tok_")
        behaviour = _CARDS.get(token) or BEHAVIOURS.get(f"pm_card_{token}") or _NUMBERS.get(card.get("number") or "")
    else:
        require(params, "sepa_debit")
        behaviour = _NUMBERS.get(params["sepa_debit"]["iban"].replace(" ", ""))
    if behaviour is None or behaviour.type != params["type"]:
        raise invalid_parameter(
            params["type"], "Local Stripe knows the test cards and IBANs of Stripe's documentation."
        )
    return make_method(store, behaviour, params)


def make_method(store: Store, behaviour: Behaviour, params: Thing) -> Thing:
    """Keep a payment method, and what it does."""
    billing = {"address": dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state")), "email": None,
               "name": None, "phone": None, "tax_id": None}  # fmt: skip
    shown: Thing = {behaviour.type: show_method(behaviour)}
    made = store.add(
        "payment_methods", type=behaviour.type, allow_redisplay="unspecified", customer=params.get("customer"),
        billing_details={**billing, **(params.get("billing_details") or {})},
        metadata=merge_metadata({}, params.get("metadata") or {}), **shown,
    )  # fmt: skip
    store.extras[made["id"]]["behaviour"] = behaviour
    return made


def show_method(behaviour: Behaviour) -> Thing:
    """Return what a card or an account shows of itself."""
    last4 = behaviour.number[-4:]
    if behaviour.type == "sepa_debit":
        country = behaviour.number[:2]
        return {"bank_code": None, "branch_code": None, "country": country, "fingerprint": None, "last4": last4}
    brand = {"5": "mastercard", "3": "amex"}.get(behaviour.number[0], "visa")
    return {"brand": brand, "country": "US", "exp_month": 12, "exp_year": 2040, "funding": "credit", "last4": last4}


def find_method(store: Store, id: str) -> Thing:
    """Return a payment method; an id that stands for a made-up card makes one, as in Stripe's test mode.

    Raises:
        ApiError: There is none of that id.
    """
    if id in BEHAVIOURS:
        return make_method(store, BEHAVIOURS[id], {})
    if id not in store.objects["payment_methods"]:
        raise missing_object("PaymentMethod", id, "payment_method")
    return store.objects["payment_methods"][id]


def choose_types(given: list[str] | None, currency: str) -> list[str]:
    """Return the ways to pay: those that were given, or all that an account has for a currency.

    Raises:
        ApiError: A bank account was given, and the currency is not the euro.
    """
    if "sepa_debit" in (given or ()) and currency != "eur":
        raise invalid_parameter("payment_method_types", "The payment method type sepa_debit pays in eur alone.")
    return given or (["card", "sepa_debit"] if currency == "eur" else ["card"])


def behaviour_of(store: Store, method: str) -> Behaviour:
    """Return what a kept payment method does."""
    found: Behaviour = store.extras[method]["behaviour"]
    return found


def _attach(store: Store, params: Thing, id: str) -> Thing:
    method, customer = find_method(store, id), get_customer(store, params["customer"])
    with store.change(method, "payment_method.attached"):
        method["customer"] = customer["id"]
    return method


def _detach(store: Store, params: Thing, id: str) -> Thing:
    method = store.get("payment_methods", id)
    if method["customer"] is None:
        raise ApiError(400, "The payment method is not attached to a customer, so it cannot be detached.")
    with store.change(method, "payment_method.detached"):
        method["customer"] = None
    return method


def _update(store: Store, params: Thing, id: str) -> Thing:
    method = store.get("payment_methods", id)
    with store.change(method, "payment_method.updated"):
        apply_update(method, params)
    return method


_PATH = "/v1/payment_methods"
OPERATIONS = (
    Operation(method="POST", path=_PATH, run=_create, accepts=_CREATE, required=("type",)),
    retrieve("payment_methods"),
    Operation(method="POST", path=f"{_PATH}/{{id}}", run=_update, accepts={"metadata": metadata}),
    Operation(
        method="POST", path=f"{_PATH}/{{id}}/attach", run=_attach, accepts={"customer": text}, required=("customer",)
    ),
    Operation(method="POST", path=f"{_PATH}/{{id}}/detach", run=_detach),
)
