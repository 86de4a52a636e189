"""What may become of a purchase, said once more and in other words than the rules: a small model to compare with."""

import random
from dataclasses import dataclass, fields, replace
from typing import Any

STATES = ("open", "processing", "paid", "failed", "expired", "refunded", "disputed")
# By plain statements: only refunds, which are rows of their own, make a purchase refunded, or paid again.
NEXT = {
    "open": ("processing", "paid", "failed", "expired"),
    "processing": ("paid", "failed"),
    "failed": ("paid",),
    "expired": ("paid",),
    "paid": ("disputed",),
    "disputed": ("paid",),
    "refunded": (),
}
SETTLED = {"paid", "refunded", "disputed"}
MOMENTS = {"now": "now()", "ahead": "now() + interval '1 hour'", "before": "now() - interval '1 hour'", "": "null"}
DATES = ("paid_at", "unlocked_at", "refunded_at", "disputed_at")


@dataclass(frozen=True)
class Sale:
    """A purchase as the model sees it; dates are keys of MOMENTS."""

    checkout_session_id: str
    payment_intent_id: str | None
    status: str
    amount_minor: int
    amount_refunded_minor: int
    currency: str
    livemode: bool
    paid_at: str = ""
    unlocked_at: str = ""
    refunded_at: str = ""
    disputed_at: str = ""


def may_begin(sale: Sale, terms: tuple[int, str, bool], *, offered: bool) -> bool:
    """Tell whether a purchase may begin like this at a link with these terms: amount, currency and mode."""
    agreed = (sale.amount_minor, sale.currency, sale.livemode) == terms
    return offered and agreed and sale.status == "open" and sale.amount_refunded_minor == 0 and _is_sound(sale)


def may_become(old: Sale, new: Sale) -> bool:
    """Tell whether a purchase may change like this."""
    kept = ("checkout_session_id", "amount_minor", "currency", "livemode")
    moved = old.status == new.status or new.status in NEXT[old.status]
    same = all(getattr(old, name) == getattr(new, name) for name in kept)
    payment = old.payment_intent_id in (None, new.payment_intent_id)
    returned = new.amount_refunded_minor == old.amount_refunded_minor
    return moved and same and payment and returned and _dates_may_become(old, new) and _is_sound(new)


def _dates_may_become(old: Sale, new: Sale) -> bool:
    begun = {"paid_at": "paid", "unlocked_at": "paid", "refunded_at": "refunded", "disputed_at": "disputed"}
    for name in DATES:
        before, after = getattr(old, name), getattr(new, name)
        taken_back = name == "unlocked_at" and not after and new.status in ("refunded", "disputed")
        if before and after != before and not taken_back:
            return False
        if not before and after and new.status != begun[name]:
            return False
    return True


def _is_sound(sale: Sale) -> bool:
    settled = sale.status in SETTLED
    whole = sale.amount_minor > 0 and sale.amount_refunded_minor == sale.amount_minor
    return (
        sale.checkout_session_id.startswith("cs_live_" if sale.livemode else "cs_test_")
        and all(getattr(sale, name) in ("", "now") for name in DATES)
        and bool(sale.paid_at) == settled
        and (settled or not (sale.unlocked_at or sale.refunded_at or sale.disputed_at or sale.amount_refunded_minor))
        and (not settled or sale.payment_intent_id is not None or sale.amount_minor == 0)
        and 0 <= sale.amount_refunded_minor <= sale.amount_minor
        and (sale.status == "refunded") == whole == bool(sale.refunded_at)
        and (sale.status != "disputed" or bool(sale.disputed_at))
    )


def change(sale: Sale, dice: random.Random) -> Sale:
    """Return a purchase with a few things changed: often what a move needs, sometimes anything."""
    status = dice.choice((*STATES, *NEXT[sale.status], sale.status))
    new = replace(sale, status=status)
    if dice.random() < 0.7:
        new = _as_needed(new, dice)
    for name in dice.sample([field.name for field in fields(Sale)], dice.choice((0, 0, 1, 1, 2))):
        anything: dict[str, Any] = {name: _anything(sale, name, dice)}
        new = replace(new, **anything)
    return new


def _as_needed(sale: Sale, dice: random.Random) -> Sale:
    """Give a purchase what its state needs."""
    if sale.status in SETTLED:
        sale = replace(sale, paid_at=sale.paid_at or "now", payment_intent_id=sale.payment_intent_id or _payment(dice))
    if sale.status == "refunded":
        sale = replace(sale, refunded_at="now", amount_refunded_minor=sale.amount_minor)
    if sale.status == "disputed":
        sale = replace(sale, disputed_at=sale.disputed_at or "now")
    return sale


def _payment(dice: random.Random) -> str:
    return f"pi_{dice.getrandbits(64):x}"


def _anything(sale: Sale, name: str, dice: random.Random) -> object:
    mode = dice.choice(("test", "live"))
    choices: dict[str, tuple[object, ...]] = {
        "checkout_session_id": (f"cs_{mode}_{dice.getrandbits(64):x}", "cs_other"),
        "payment_intent_id": (None, _payment(dice)),
        "status": STATES,
        "amount_minor": (0, 100, 1900, 1901),
        "amount_refunded_minor": (0, 1, 100, 1899, sale.amount_minor, sale.amount_minor + 1, -1),
        "currency": ("eur", "usd", "xxx"),
        "livemode": (True, False),
    }
    return dice.choice(choices.get(name, tuple(MOMENTS)))
