"""How the state of a purchase reads, on every page. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class State:
    """A state in words.

    Args:
        title: The state itself.
        text: What it means for the buyer.
        tone: Colour that repeats the title: good, wait, bad or quiet.
        changes: True if it changes by itself, so that the page is loaded again.
    """

    title: str
    text: str
    tone: str
    changes: bool = False


# What `fulfil` returns, and the states of a purchase.
STATES = {
    "unlocked": State(title="Unlocked", text="The payment is recorded, and the purchase is unlocked.", tone="good"),
    "open": State(title="Not paid yet", text="The order is kept. Nothing was paid.", tone="quiet"),
    "processing": State(
        title="On its way",
        text="The bank takes a while. Nothing is unlocked until the payment succeeds.",
        tone="wait",
        changes=True,
    ),
    "review": State(
        title="Waits for a person",
        text="The payment arrived, but does not match its order. A person decides what happens.",
        tone="wait",
    ),
    "failed": State(title="Failed", text="The bank refused the payment. Nothing was unlocked.", tone="bad"),
    "expired": State(title="Expired", text="The Checkout session expired unpaid. Nothing was unlocked.", tone="quiet"),
    "refunded": State(title="Refunded", text="The payment was returned, and the purchase is locked again.", tone="bad"),
    "disputed": State(
        title="Disputed", text="The buyer's bank disputes the payment. The purchase is locked.", tone="bad"
    ),
}
WITHDRAWN = State(title="Withdrawn", text="What you bought stays open until the payment is returned.", tone="quiet")
NO_ORDER = State(title="No order", text="Stripe has this Checkout session, but no order belongs to it.", tone="bad")


def explain_state(outcome: str) -> State:
    """Return the words for what `fulfil` returned."""
    return STATES["review"] if outcome == "paid" else STATES.get(outcome, NO_ORDER)


def state_of(purchase: Mapping[str, Any]) -> State:
    """Return the words for a purchase in the database."""
    return explain_state("unlocked" if purchase["unlocked"] else str(purchase["status"]))
