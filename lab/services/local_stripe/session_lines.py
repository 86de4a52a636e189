"""What a Checkout session sells: its lines, their amounts, and the discount on them."""

from lab.services.local_stripe.catalogue import PRODUCT_DATA, create_price
from lab.services.local_stripe.discounts import amount_off, find_coupon
from lab.services.local_stripe.errors import Thing, invalid_parameter
from lab.services.local_stripe.parameters import group, text, whole
from lab.services.local_stripe.store import Store

_PRICE_DATA = group(
    {"currency": text, "unit_amount": whole(), "product": text, "product_data": PRODUCT_DATA},
    ("currency", "unit_amount"),
)
LINE = group({"price": text, "price_data": _PRICE_DATA, "quantity": whole(1, 999_999)})
"""The reader of one line."""


def make_lines(store: Store, items: list[Thing], discounts: list[Thing]) -> list[Thing]:
    """Return the lines of a session, with its discounts taken off.

    Raises:
        ApiError: A price cannot be sold, or not together with the others, or a discount cannot be used.
    """
    lines = [_make_line(store, item, place) for place, item in enumerate(items)]
    _spread_discount(store, lines, discounts)
    return lines


def sum_up(lines: list[Thing]) -> Thing:
    """Return a session's amounts. One that costs nothing needs no payment from its beginning."""
    subtotal, total = (sum(line[name] for line in lines) for name in ("amount_subtotal", "amount_total"))
    details = {"amount_discount": subtotal - total, "amount_shipping": 0, "amount_tax": 0}
    return {
        "amount_subtotal": subtotal, "amount_total": total, "currency": lines[0]["currency"], "total_details": details,
        "payment_status": "unpaid" if total else "no_payment_required",
    }  # fmt: skip


def _make_line(store: Store, item: Thing, place: int) -> Thing:
    """Return a line of a session."""
    param = f"line_items[{place}]"
    if not item.get("price") and not item.get("price_data"):
        raise invalid_parameter(param, f"You must specify price or price_data in {param}.", "parameter_missing")
    price = store.get("prices", item["price"], f"{param}[price]") if item.get("price") else None
    price = price or create_price(store, item["price_data"])
    product = store.get("products", price["product"])
    if not price["active"] or not product["active"]:
        raise invalid_parameter(param, f"The price {price['id']} or its product is inactive.", "price_inactive")
    if price["type"] == "recurring":
        raise invalid_parameter("line_items", "You specified `payment` mode but passed a recurring price.")
    quantity = item.get("quantity") or 1
    subtotal = price["unit_amount"] * quantity
    return {
        "id": store.draw_id("li_"), "object": "item", "adjustable_quantity": None, "amount_discount": 0,
        "amount_subtotal": subtotal, "amount_tax": 0, "amount_total": subtotal, "currency": price["currency"],
        "description": product["name"], "metadata": {}, "price": dict(price), "quantity": quantity,
    }  # fmt: skip


def _spread_discount(store: Store, lines: list[Thing], discounts: list[Thing]) -> None:
    """Take a session's discount off its lines, by their share, so that no unit is lost to rounding."""
    currency, subtotal = lines[0]["currency"], sum(line["amount_subtotal"] for line in lines)
    if any(line["currency"] != currency for line in lines):
        raise invalid_parameter("line_items", "All line items must have the same currency.")
    off = sum(amount_off(find_coupon(store, one), subtotal, currency) for one in discounts)
    passed = taken = 0
    for line in lines if off else ():
        passed += line["amount_subtotal"]
        share = off * passed // subtotal - taken
        taken += share
        line |= {"amount_discount": share, "amount_total": line["amount_subtotal"] - share}
