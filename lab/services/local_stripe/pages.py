"""The pages for people: Checkout, where a buyer pays, and the control page, where everything else happens."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader

from lab.services.local_stripe.amounts import write_amount
from lab.services.local_stripe.checkout import pay_session
from lab.services.local_stripe.disputes import CLOSED
from lab.services.local_stripe.errors import ApiError, Thing
from lab.services.local_stripe.refunds import HELD, is_charged_back
from lab.services.local_stripe.store import Store

_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_MOST_SHOWN = 50
# Choice -> what its button says, and the made-up card or bank account that it pays with.
_CHOICES = {
    "pay": ("Pay {amount}", "pm_card_visa"),
    "decline": ("Pay with a card that is declined", "pm_card_chargeDeclined"),
    "later": ("Pay by bank account, which takes a while", "pm_successDelayed_de"),
}


def show_checkout(store: Store, id: str, error: str = "", email: str = "") -> str:
    """Return the page on which a session is paid, or which says how it ended."""
    session = store.get("checkout/sessions", id)
    if session["status"] != "open":
        return _show_ended(session)
    types, currency = session["payment_method_types"], session["currency"]
    choices = [name for name in _CHOICES if ("sepa_debit" if name == "later" else "card") in types]
    total = write_amount(session["amount_total"], currency)
    discount = session["total_details"]["amount_discount"]
    return _PAGES.get_template("pay.html").render(
        lines=[{**line, "subtotal": write_amount(line["amount_subtotal"], currency)} for line in store.lines[id]],
        choices=[{"name": name, "label": _CHOICES[name][0].format(amount=total)} for name in choices],
        discount=discount and write_amount(discount, currency), total=total, free=not session["amount_total"],
        cancel_url=session["cancel_url"], email=email or session["customer_email"] or "buyer@shop.example", error=error,
    )  # fmt: skip


def _show_ended(session: Thing) -> str:
    """Return the page of a session that has ended; the shop is one link away."""
    complete = session["status"] == "complete"
    return _PAGES.get_template("ended.html").render(
        heading="This order is complete" if complete else "This Checkout session has expired",
        text="It cannot be paid again." if complete else "Nothing was paid. Start again in the shop.",
        link=return_address(session) if complete else session["cancel_url"], link_text="Return to the shop",
    )  # fmt: skip


def show_missing() -> str:
    """Return the page for an address without a session."""
    heading, text = "There is no such page", "Local Stripe keeps everything in memory: a restart forgets it."
    return _PAGES.get_template("ended.html").render(heading=heading, text=text)


def pay_by_form(store: Store, id: str, form: Thing) -> str:
    """Pay a session as its page's form says, and return where the buyer goes next.

    Raises:
        ApiError: The choice is not one, or the bank declined.
    """
    session = store.get("checkout/sessions", id)
    choice = form.get("choice")
    if session["amount_total"] and choice not in _CHOICES:
        raise ApiError(400, "Choose how to pay.")
    method = _CHOICES[choice][1] if choice in _CHOICES else None
    pay_session(store, session, method, {"email": form.get("email") or None})
    return return_address(session)


def return_address(session: Thing) -> str:
    """Return where a buyer returns to after paying, with the session's id in its place."""
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


@dataclass(frozen=True, kw_only=True)
class _Section:
    """A part of the control page: the objects of a kind, and the actions that each allows now."""

    title: str
    kind: str
    acts: dict[str, str]


_SECTIONS = (
    _Section(title="Checkout sessions", kind="checkout/sessions", acts={"pay": "Pay", "expire": "Expire"}),
    _Section(
        title="Payments",
        kind="payment_intents",
        acts={"settle": "Let it succeed", "fail": "Let it fail", "refund": "Refund", "dispute": "Dispute",
              "inquire": "Inquire", "warn": "Warn of fraud"},
    ),
    _Section(title="Refunds", kind="refunds", acts={"fail_refund": "Let it fail"}),
    _Section(title="Disputes", kind="disputes", acts={"escalate": "Escalate", "win": "Win", "lose": "Lose"}),
    _Section(title="Webhook endpoints", kind="webhook_endpoints", acts={"disable": "Disable"}),
)  # fmt: skip


def _allows(store: Store, name: str, thing: Thing) -> bool:
    """Tell whether an object's state allows an action."""
    status, charge = thing["status"], store.objects["charges"].get(thing.get("latest_charge") or "", {})
    left = charge.get("amount_captured", 0) - charge.get("amount_refunded", 0)
    inquiry = status.startswith("warning_")
    allowed: dict[str, bool] = {
        "pay": status == "open", "expire": status == "open", "settle": status == "processing",
        "fail": status == "processing", "fail_refund": status in HELD, "warn": left > 0,
        "refund": left > 0 and not is_charged_back(store, charge["id"]),
        "dispute": left > 0 and not charge["disputed"], "inquire": left > 0 and not charge["disputed"],
        "escalate": inquiry and status not in CLOSED, "win": status not in CLOSED, "lose": status not in CLOSED,
        "disable": status == "enabled",
    }  # fmt: skip
    return allowed[name]


def show_control(store: Store, error: str = "") -> str:
    """Return the control page: the newest objects, with what can happen to each."""
    sections: list[Thing] = [
        {"title": one.title, "cards": [_card(store, thing, one.acts) for thing in _newest(store, one.kind)]}
        for one in _SECTIONS
    ]
    sections.append(
        {"title": "Events", "cards": [_event_card(store, id) for id in [*store.events][: -_MOST_SHOWN - 1 : -1]]}
    )
    return _PAGES.get_template("control.html").render(sections=sections, error=error)


def _newest(store: Store, kind: str) -> list[Thing]:
    return [*store.objects[kind].values()][: -_MOST_SHOWN - 1 : -1]


def _card(store: Store, thing: Thing, acts: dict[str, str]) -> Thing:
    """Return an object as the control page shows it."""
    amount = thing.get("amount", thing.get("amount_total"))
    title = thing["url"] if amount is None else write_amount(amount, thing["currency"])
    allowed = [{"name": name, "label": label} for name, label in acts.items() if _allows(store, name, thing)]
    link = thing["url"] if thing["object"] == "checkout.session" else None
    return {"id": thing["id"], "title": title, "text": thing["status"], "acts": allowed, "link": link}


def _event_card(store: Store, id: str) -> Thing:
    """Return an event as the control page shows it, with the attempts to deliver it."""
    event = store.events[id]
    sent = [one for one in store.deliveries if one.event is event]
    told = "; ".join(f"{one.state} ({', '.join(one.attempts) or 'not tried'})" for one in sent)
    acts = [{"name": "resend", "label": "Send again"}] if sent else []
    return {"id": id, "title": event.type, "text": told or "no endpoint", "acts": acts, "link": None}
