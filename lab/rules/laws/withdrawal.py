"""Laws of the right of withdrawal: each offer says when it is delivered, and every approved text can be kept and used."""

import re
from collections.abc import Iterator

from lab.rules.model import Notice, Offer
from lab.rules.registry import Rules
from lab.rules.withdrawal import waiver

FILLED_IN = {
    "withdrawal_waiver": (),
    "waiver_confirmation": ("purchase", "title", "amount", "agreed", "wording"),
    "withdrawal_statement": (),
    "withdrawal_acknowledgement": ("confirmed", "wording", "purchase", "title", "amount", "paid"),
}  # the words in braces that the database fills in, by notice


def offers_answer_for_withdrawal(rules: Rules) -> Iterator[str]:
    """An offer that is delivered at once names its waiver, one that is later has none, and offers of a layer agree."""
    for offer in rules.offers:
        yield from (f"offer {offer.id}: {fault}" for fault in _offer_faults(rules, offer))
    for layer in rules.layers:
        moments = {offer.delivered for offer in rules.offers if offer.layer.id == layer.id}
        if len(moments) > 1:
            yield f"layer {layer.id}: one of its offers is delivered at once and another later; the database knows layers"


def _offer_faults(rules: Rules, offer: Offer) -> Iterator[str]:
    if offer.delivered == "at_once" and offer.waiver is None:
        yield "is delivered at once; name the waiver that its buyer is asked for"
    if offer.delivered == "later" and offer.waiver is not None:
        yield "is delivered later, so that its buyer keeps the right of withdrawal; remove the waiver"
    if offer.waiver and not any(offer.waiver is notice for notice in rules.notices):
        yield f"the notice {offer.waiver.id} is not in NOTICES; add it there"
    elif offer.waiver and offer.waiver.id != waiver.id:
        yield f"the notice {offer.waiver.id} is no waiver; use {waiver.id}"


def notices_fit_their_table(rules: Rules) -> Iterator[str]:
    """Every notice can be kept in consent_notices, and has in braces exactly what the database fills in."""
    allowed = rules.table("consent_notices").column("purpose").allowed
    for notice in rules.notices:
        yield from (f"notice {notice.id}: {fault}" for fault in _notice_faults(notice, allowed))


def _notice_faults(notice: Notice, allowed: tuple[str, ...]) -> Iterator[str]:
    if notice.id not in allowed:
        yield "consent_notices.purpose does not allow it"
    named = set(re.findall(r"{(.*?)}", notice.body))
    if named != set(FILLED_IN.get(notice.id, ())):
        yield f"has {', '.join(sorted(named)) or 'nothing'} in braces; it needs {', '.join(FILLED_IN.get(notice.id, ()))}"
