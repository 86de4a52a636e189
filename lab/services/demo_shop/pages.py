"""Draws the pages of the demo shop, with the colours of the app."""

import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.rules.amounts import format_amount
from lab.rules.card_phrases import CARD_PHRASES
from lab.rules.withdrawal import CONFIRM_LABEL, PERIOD, WITHDRAW_LABEL, withdrawal_statement
from lab.services.billing.sell import OpenCheckout
from lab.services.demo_shop.reading import Activity, Row
from lab.services.demo_shop.right import Right
from lab.services.demo_shop.sharing import SLOTS
from lab.services.demo_shop.states import GIFT, LINKS, STOPPED, UNDER_WAY, State, explain_delivery, state_of
from lab.services.look import open_templates

REFRESH_SECONDS = 3
PHRASES = {
    kind: [phrase.words for phrase in CARD_PHRASES if (phrase.kind, phrase.locale) == (kind, "en")] for kind in SLOTS
}


@dataclass(frozen=True, kw_only=True)
class Bought:
    """What a purchase brought its buyer.

    Args:
        deliveries: Its deliveries.
        sharing: Its reading, with the open share-card; None when there is nothing to share.
        question: What the buyer is asked before a card is opened.
    """

    deliveries: list[Row]
    sharing: Row | None = None
    question: str = ""


class Pages:
    """Every page, with the addresses that its header leads to.

    Args:
        control: The control page of Local Stripe, or Stripe's dashboard.
        lab: The app.
        mailbox: The mailbox, in which the messages arrive.
        local: True for Local Stripe, false for Stripe's test mode.
    """

    def __init__(self, *, control: str, lab: str, mailbox: str = "", local: bool = True) -> None:
        values = {
            "control": control,
            "control_name": "the control page of Local Stripe" if local else "Stripe's dashboard",
            "stripe_name": "Local Stripe on this machine" if local else "Stripe's test mode",
            "lab": lab,
            "mailbox": mailbox,
            "explain_delivery": explain_delivery,
            "state_of": state_of,
            "format_amount": format_amount,
            "period": PERIOD.days,
            "statement": withdrawal_statement.body,
            "withdraw_label": WITHDRAW_LABEL,
            "confirm_label": CONFIRM_LABEL,
        }
        self._templates = open_templates(Path(__file__).parent / "templates", **values)

    def shop(self, shelf: list[Row], waiver: tuple[uuid.UUID, str] | None) -> str:
        """Draw what is for sale, and the waiver. A new visit buys anew; the same page sent twice buys once."""
        return self._draw("shop.html", shelf=shelf, waiver=waiver, visit=uuid.uuid4())

    def confirmation(self, opened: OpenCheckout) -> str:
        """Draw the confirmation of a waiver, which the buyer gets before they pay."""
        return self._draw("confirmation.html", opened=opened)

    def thanks(self, state: State, purchase: Row | None, right: Right | None, bought: Bought) -> str:
        """Draw the page to which a buyer returns; it loads itself again while the payment is under way."""
        refresh = REFRESH_SECONDS if state.changes else None
        moves = any(one["status"] in UNDER_WAY for one in bought.deliveries)
        values = {"state": state, "purchase": purchase, "right": right, "moves": moves, "phrases": PHRASES}
        return self._draw("thanks.html", **values, **vars(bought), refresh=refresh)

    def card(self, card: Row) -> str:
        """Draw an open share-card, for whoever has its link."""
        return self._draw("card.html", card=card)

    def link(self, purpose: str) -> str:
        """Draw what a link in a message does, with its button."""
        return self._draw("link.html", link=LINKS[purpose])

    def stopped(self) -> str:
        """Draw that e-mail has stopped."""
        return self._draw("link.html", link=STOPPED)

    def gift(self) -> str:
        """Draw where a gift is accepted."""
        return self._draw("link.html", link=GIFT)

    def withdraw(self, purchase: Row) -> str:
        """Draw the second step of a withdrawal."""
        return self._draw("withdraw.html", purchase=purchase)

    def activity(self, activity: Activity) -> str:
        """Draw what happened."""
        return self._draw("activity.html", activity=activity)

    def message(self, title: str, text: str) -> str:
        """Draw an error and the way back."""
        return self._draw("message.html", title=title, text=text)

    def _draw(self, name: str, **values: Any) -> str:
        return self._templates.get_template(name).render(values)
