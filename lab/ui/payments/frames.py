"""Payments shaped as tables for people. Pure."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from lab.rules import RULES
from lab.rules.amounts import format_amount
from lab.rules.model import Offer
from lab.services.billing.overview import Listing, Row
from lab.ui.kit.tables import Cell, DataFrame, make_frame
from lab.ui.kit.titles import LAYER_TITLES

_SWITCHES = {"livemode": ("test", "live"), "unlocked": ("locked", "unlocked"), "for_sale": ("not for sale", "for sale")}
# The columns of each list: the value of a row by its name, or what is made of the row.
COLUMNS: Mapping[str, Mapping[str, str | Callable[[Row], Cell]]] = {
    "purchases": {
        "Created": "created_at", "Product": "layer", "Payment": "status", "Access": "unlocked", "Pieces": "quantity",
        "Received": "received", "Refunded": "amount_refunded", "Mode": "livemode", "Purchase": "id",
        "Checkout session": "session_id",
    },
    "events": {
        "Received": "created_at", "Type": "type", "State": "status", "Error": "error_class", "Attempts": "attempts",
        "Deliveries": "deliveries", "Next attempt": "next_attempt_at", "Mode": "livemode", "Event": "id",
        "Checkout session": "session_id",
    },
    "reviews": {
        "Opened": "created_at", "Reason": lambda row: RULES.waits(row["reason"]).title, "State": "status",
        "Decision": "decision", "Decided": "decided_at", "Paid": "amount", "Review": "id", "Purchase": "purchase_id",
    },
    "refunds": {
        "Created": "stripe_created_at", "State": "status", "Amount": "amount", "Reason": "reason",
        "Failure": "failure_reason", "Mode": "livemode", "Refund": "id", "Purchase": "purchase_id",
    },
    "disputes": {
        "Created": "stripe_created_at", "State": "status", "Amount": "amount", "Reason": "reason",
        "Evidence until": "evidence_due_at", "Mode": "livemode", "Dispute": "id", "Purchase": "purchase_id",
    },
    "links": {
        "Product": "layer", "Price": "price", "Sale": "for_sale", "Paid purchases": "paid",
        "Unlock route": "unlock_route", "Mode": "livemode", "Price at Stripe": "price_id",
        "Product at Stripe": "product_id",
    },
}  # fmt: skip
EMPTY = {
    "purchases": "No purchase.",
    "events": "No event.",
    "reviews": "No review. Every payment fits its order.",
    "refunds": "No refund.",
    "disputes": "No dispute.",
    "links": "No price. `python -m lab stripe sync` connects the offers with Stripe.",
}


def frame_rows(name: str, listing: Listing, layer: str | None = None) -> DataFrame:
    """Shape the rows of one kind.

    Args:
        name: The kind, such as purchases.
        listing: Its rows.
        layer: Only what belongs to this layer, for kinds that name one.
    """
    columns = COLUMNS[name]
    rows = (row for row in listing.rows if layer is None or row.get("layer", layer) == layer)
    shaped = ([_write(key, row[key]) if isinstance(key, str) else key(row) for key in columns.values()] for row in rows)
    return make_frame(tuple(columns), shaped)


def _write(key: str, value: Any) -> Cell:
    if isinstance(value, bool):
        return [_SWITCHES[key][value]]
    if key in ("status", "decision"):
        return [str(value).replace("_", " ")] if value else []
    cell: Cell = LAYER_TITLES.get(value, value) if key == "layer" else value
    return cell


def describe_rest(name: str, listing: Listing) -> str:
    """Say how many rows there are beyond those that were read; empty when there are none."""
    shown, total = len(listing.rows), listing.total
    rest = f"The newest {shown:,} of {total:,} {name}. `python -m lab payments {name}` shows more."
    return rest if total > shown else ""


def frame_offers(offers: Iterable[Offer]) -> DataFrame:
    """Shape what the rules offer: the product, its price, and where its buyer is sent."""
    rows = ((LAYER_TITLES[o.layer.id], format_amount(o.amount_minor, o.currency), o.unlock_route, o.id) for o in offers)
    return make_frame(("Product", "Price", "Unlock route", "Lookup key at Stripe"), rows)
