"""Payments shaped as tables for people. Pure."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from lab.rules import RULES
from lab.rules.amounts import format_amount
from lab.rules.model import Offer
from lab.services.billing.overview import Listing, Row
from lab.ui.kit.tables import Cell, DataFrame, make_frame

LAYERS = {layer.id: layer.title for layer in RULES.layers}
NONE = ""


class View(NamedTuple):
    """How the page shows the rows of one kind.

    Args:
        columns: What stands in each column, by its name.
        empty: Stands in place of a table without rows.
    """

    columns: Mapping[str, Callable[[Row], Cell]]
    empty: str


def write_time(moment: datetime | None) -> str:
    """Write a time in UTC, to the minute."""
    return f"{moment:%Y-%m-%d %H:%M}" if moment else NONE


def _time(key: str) -> Callable[[Row], Cell]:
    return lambda row: write_time(row[key])


def _text(key: str) -> Callable[[Row], Cell]:
    return lambda row: NONE if row[key] is None else str(row[key])


def _number(key: str) -> Callable[[Row], Cell]:
    return lambda row: int(row[key])


def _word(key: str) -> Callable[[Row], Cell]:
    return lambda row: [str(row[key]).replace("_", " ")] if row[key] else []


def _mode(row: Row) -> Cell:
    return ["live" if row["livemode"] else "test"]


def _lock(row: Row) -> Cell:
    return ["unlocked" if row["unlocked"] else "locked"]


def _layer(row: Row) -> Cell:
    return LAYERS.get(row["layer"], str(row["layer"]))


def _reason(row: Row) -> Cell:
    return RULES.waits(row["reason"]).title


def _sale(row: Row) -> Cell:
    return ["for sale" if row["for_sale"] else "not for sale"]


VIEWS = {
    "purchases": View(
        {
            "Created": _time("created_at"),
            "Product": _layer,
            "Payment": _word("status"),
            "Access": _lock,
            "Pieces": _number("quantity"),
            "Received": _text("received"),
            "Refunded": _text("amount_refunded"),
            "Mode": _mode,
            "Purchase": _text("id"),
            "Checkout session": _text("session_id"),
        },
        "No purchase.",
    ),
    "events": View(
        {
            "Received": _time("created_at"),
            "Type": _text("type"),
            "State": _word("status"),
            "Error": _text("error_class"),
            "Attempts": _number("attempts"),
            "Deliveries": _number("deliveries"),
            "Next attempt": _time("next_attempt_at"),
            "Mode": _mode,
            "Event": _text("id"),
            "Checkout session": _text("session_id"),
        },
        "No event.",
    ),
    "reviews": View(
        {
            "Opened": _time("created_at"),
            "Reason": _reason,
            "State": _word("status"),
            "Decision": _word("decision"),
            "Decided": _time("decided_at"),
            "Paid": _text("amount"),
            "Review": _text("id"),
            "Purchase": _text("purchase_id"),
        },
        "No review. Every payment fits its order.",
    ),
    "refunds": View(
        {
            "Created": _time("stripe_created_at"),
            "State": _word("status"),
            "Amount": _text("amount"),
            "Reason": _text("reason"),
            "Failure": _text("failure_reason"),
            "Mode": _mode,
            "Refund": _text("id"),
            "Purchase": _text("purchase_id"),
        },
        "No refund.",
    ),
    "disputes": View(
        {
            "Created": _time("stripe_created_at"),
            "State": _word("status"),
            "Amount": _text("amount"),
            "Reason": _text("reason"),
            "Evidence until": _time("evidence_due_at"),
            "Mode": _mode,
            "Dispute": _text("id"),
            "Purchase": _text("purchase_id"),
        },
        "No dispute.",
    ),
    "links": View(
        {
            "Product": _layer,
            "Price": _text("price"),
            "Sale": _sale,
            "Paid purchases": _number("paid"),
            "Unlock route": _text("unlock_route"),
            "Mode": _mode,
            "Price at Stripe": _text("price_id"),
            "Product at Stripe": _text("product_id"),
        },
        "No price. `python -m lab stripe sync` connects the offers with Stripe.",
    ),
}


def frame_rows(name: str, listing: Listing, layer: str | None = None) -> DataFrame:
    """Shape the rows of one kind.

    Args:
        name: The kind, such as purchases.
        listing: Its rows.
        layer: Only what belongs to this layer, for kinds that name one.
    """
    columns = VIEWS[name].columns
    rows = [row for row in listing.rows if layer is None or row.get("layer", layer) == layer]
    return make_frame(tuple(columns), ([make(row) for make in columns.values()] for row in rows))


def describe_rest(name: str, listing: Listing) -> str:
    """Say how many rows there are beyond those that were read; empty when there are none."""
    shown, total = len(listing.rows), listing.total
    return (
        f"The newest {shown:,} of {total:,} {name}. `python -m lab payments {name}` shows more."
        if total > shown
        else ""
    )


def frame_offers(offers: Iterable[Offer]) -> DataFrame:
    """Shape what the rules offer: the product, its price, and where its buyer is sent."""
    rows = ((LAYERS[o.layer.id], format_amount(o.amount_minor, o.currency), o.unlock_route, o.id) for o in offers)
    return make_frame(("Product", "Price", "Unlock route", "Lookup key at Stripe"), rows)
