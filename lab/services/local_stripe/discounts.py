"""Coupons and promotion codes, and what they take off."""

from decimal import ROUND_HALF_UP, Decimal

from lab.services.local_stripe.catalogue import apply_update, read_currency
from lab.services.local_stripe.errors import ApiError, Thing, invalid_parameter, missing_parameter
from lab.services.local_stripe.operations import Operation, listing, require, retrieve
from lab.services.local_stripe.parameters import (
    Reader,
    flag,
    group,
    merge_metadata,
    metadata,
    one_of,
    percent,
    text,
    whole,
)
from lab.services.local_stripe.store import Store

_SECONDS = whole(0, 99_999_999_999)
_COUPON: dict[str, Reader] = {
    "id": text, "amount_off": whole(1), "currency": text, "duration": one_of("once", "forever"), "percent_off": percent,
    "max_redemptions": whole(1), "metadata": metadata, "name": text, "redeem_by": _SECONDS,
}  # fmt: skip
_PROMOTION = group({"type": one_of("coupon"), "coupon": text}, ("type", "coupon"))
_CODE: dict[str, Reader] = {
    # `coupon` is the parameter of versions before 2025-09-30; the official command line still sends it.
    "promotion": _PROMOTION, "coupon": text, "code": text, "active": flag, "customer": text, "expires_at": _SECONDS,
    "max_redemptions": whole(1), "metadata": metadata,
}  # fmt: skip


def _create_coupon(store: Store, params: Thing, id: str) -> Thing:
    if ("amount_off" in params) == ("percent_off" in params):
        raise invalid_parameter("percent_off", "You must pass either `amount_off` or `percent_off`.")
    if "amount_off" in params:
        require(params, "currency")
    if params.get("id") in store.objects["coupons"]:
        raise invalid_parameter("id", "Coupon already exists.", "resource_already_exists")
    currency = read_currency(params["currency"]) if params.get("currency") else None
    made = store.add(
        "coupons", params.get("id") or store.draw_id("", 8), amount_off=params.get("amount_off"), currency=currency,
        duration=params.get("duration", "once"), duration_in_months=None, max_redemptions=params.get("max_redemptions"),
        metadata=merge_metadata({}, params.get("metadata") or {}), name=params.get("name"),
        percent_off=params.get("percent_off"), redeem_by=params.get("redeem_by"), times_redeemed=0, valid=True,
    )  # fmt: skip
    store.emit("coupon.created", made)
    return made


def _update_coupon(store: Store, params: Thing, id: str) -> Thing:
    coupon = store.get("coupons", id)
    with store.change(coupon, "coupon.updated"):
        apply_update(coupon, params)
    return coupon


def _delete_coupon(store: Store, params: Thing, id: str) -> Thing:
    coupon = store.get("coupons", id)
    del store.objects["coupons"][id]
    store.emit("coupon.deleted", coupon)
    return {"id": id, "object": "coupon", "deleted": True}


def _create_code(store: Store, params: Thing, id: str) -> Thing:
    coupon: str | None = (params.get("promotion") or params).get("coupon")
    if coupon is None:
        raise missing_parameter("promotion")
    code = params.get("code") or store.draw_id("", 8).upper()
    if any(one["code"].lower() == code.lower() for one in store.where("promotion_codes", active=True)):
        raise invalid_parameter("code", f"An active promotion code with `code: {code}` already exists.")
    restrictions = {"first_time_transaction": False, "minimum_amount": None, "minimum_amount_currency": None}
    made = store.add(
        "promotion_codes", active=params.get("active", True), code=code, customer=params.get("customer"),
        expires_at=params.get("expires_at"), max_redemptions=params.get("max_redemptions"),
        metadata=merge_metadata({}, params.get("metadata") or {}),
        promotion={"type": "coupon", "coupon": store.get("coupons", coupon, "coupon")["id"]},
        restrictions=restrictions, times_redeemed=0,
    )  # fmt: skip
    store.emit("promotion_code.created", made)
    return made


def _update_code(store: Store, params: Thing, id: str) -> Thing:
    code = store.get("promotion_codes", id)
    with store.change(code, "promotion_code.updated"):
        apply_update(code, params)
    return code


def find_coupon(store: Store, discount: Thing) -> Thing:
    """Return the coupon of a discount that is given as a coupon or as a promotion code.

    Raises:
        ApiError: It does not exist, or cannot be used any more.
    """
    if code_id := discount.get("promotion_code"):
        code = store.get("promotion_codes", code_id, "discounts")
        _refuse_used(store, code, code["active"], code["expires_at"])
        coupon = store.get("coupons", code["promotion"]["coupon"], "discounts")
    else:
        coupon = store.get("coupons", discount.get("coupon") or "", "discounts")
    _refuse_used(store, coupon, coupon["valid"], coupon["redeem_by"])
    return coupon


def _refuse_used(store: Store, thing: Thing, active: bool, until: int | None) -> None:
    used_up = thing["max_redemptions"] is not None and thing["times_redeemed"] >= thing["max_redemptions"]
    if not active or used_up or (until is not None and until <= store.now()):
        raise ApiError(400, f"{thing['id']} is expired or used up.", code="coupon_expired", param="discounts")


def count_redemption(store: Store, discount: Thing) -> None:
    """Count that a coupon, and its code if there is one, was used; one that was deleted since is left alone."""
    code = store.objects["promotion_codes"].get(discount["promotion_code"] or "")
    coupon = code["promotion"]["coupon"] if code else discount["coupon"]
    for thing in (code, store.objects["coupons"].get(coupon or "")):
        if thing:
            with store.change(thing, f"{thing['object']}.updated"):
                thing["times_redeemed"] += 1


def amount_off(coupon: Thing, subtotal: int, currency: str) -> int:
    """Return what a coupon takes off an amount in smallest units; never more than the amount.

    Raises:
        ApiError: The coupon is in another currency.
    """
    if coupon["percent_off"] is not None:
        share = Decimal(subtotal) * Decimal(str(coupon["percent_off"])) / 100
        return int(share.to_integral_value(ROUND_HALF_UP))
    if coupon["currency"] != currency:
        raise ApiError(400, f"The coupon {coupon['id']} is not in {currency}.", param="discounts")
    return min(subtotal, int(coupon["amount_off"]))


OPERATIONS = (
    Operation(method="POST", path="/v1/coupons", run=_create_coupon, accepts=_COUPON),
    retrieve("coupons"),
    Operation(method="POST", path="/v1/coupons/{id}", run=_update_coupon, accepts={"metadata": metadata, "name": text}),
    Operation(method="DELETE", path="/v1/coupons/{id}", run=_delete_coupon),
    listing("coupons"),
    Operation(method="POST", path="/v1/promotion_codes", run=_create_code, accepts=_CODE),
    retrieve("promotion_codes"),
    Operation(
        method="POST",
        path="/v1/promotion_codes/{id}",
        run=_update_code,
        accepts={"active": flag, "metadata": metadata},
    ),
    listing("promotion_codes", active=flag, code=text, coupon=text, customer=text),
)
