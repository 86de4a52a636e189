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


# States of a delivery that change by themselves.
UNDER_WAY = ("pending", "running")
_DELIVERED = {
    ("pdf", "account"): "Your reading as a PDF",
    ("email", "email"): "Notice by e-mail",
    ("share_card", "account"): "Picture of your share-card",
    ("receipt", "account"): "Receipt in the account",
    ("receipt", "email"): "Receipt by e-mail",
}
_HOW_FAR = {
    "pending": ("under way", "wait"),
    "running": ("under way", "wait"),
    "waiting": ("waits until e-mail is allowed", "quiet"),
    "done": ("delivered", "good"),
    "cancelled": ("cancelled", "quiet"),
}


def explain_delivery(row: Mapping[str, Any]) -> State:
    """Return how a delivery reads: what it is, and how far it is."""
    text, tone = _HOW_FAR.get(row["status"], ("waits for a person", "bad"))
    return State(title=_DELIVERED.get((row["channel"], row["leg"]), row["channel"]), text=text, tone=tone)


@dataclass(frozen=True, kw_only=True)
class LinkPage:
    """What a link in a message does.

    Args:
        title: What it does.
        text: What happens.
        button: What is pressed; empty when there is nothing to do.
    """

    title: str
    text: str
    button: str = ""


LINKS = {
    "open": LinkPage(
        title="Your reading", text="It is shown after you sign in. In this demo you are signed in.", button="Open"
    ),
    "recover": LinkPage(
        title="Return to your purchase",
        text="The link works once. Open it on the device on which you want to go on.",
        button="Open the purchase",
    ),
    "unsubscribe": LinkPage(
        title="Stop e-mail",
        text="You get no more e-mail from us. Your readings stay in the account.",
        button="Stop e-mail",
    ),
}
STOPPED = LinkPage(title="E-mail has stopped", text="Your consent is withdrawn. Your readings stay in the account.")
GIFT = LinkPage(title="A gift for you", text="A gift is accepted after signing in, which this demo does not have.")
