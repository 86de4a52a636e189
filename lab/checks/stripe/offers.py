"""Compares the offers of the rules with their prices at Stripe, and with the purchase links of those.

Only in a shop that sells them: prices of offers are marked at Stripe, and other shops have none.
"""

from collections.abc import Iterator, Sequence

from lab.checks.criterion import make_finding
from lab.checks.finding import Finding
from lab.checks.stripe.reader import Account, read_list
from lab.checks.stripe.records import PurchaseLink
from lab.rules import RULES
from lab.rules.amounts import format_amount
from lab.rules.criteria.stripe import offer_link, offer_missing, offer_price, offer_title
from lab.rules.model import Offer
from lab.services.billing.offers import MARK
from lab.services.billing.stripe_client import Thing


def check_offers(account: Account, offers: Sequence[Offer] = RULES.offers) -> Iterator[Finding]:
    """Compare each offer, unless the shop sells none of them."""
    links = {link.price: link for link in account.links}
    prices = _read_prices(account, offers)
    if not any(_is_sold(price, links) for price in prices.values()):
        return
    for offer in offers:
        yield from _check_offer(offer, prices.get(offer.id), links)


def _read_prices(account: Account, offers: Sequence[Offer]) -> dict[str, Thing]:
    """Return the price of each offer, by the offer's id; a foreign price with the same lookup key is left out."""
    keys = [offer.id for offer in offers]
    found, _ = read_list(account, account.client.v1.prices, "", lookup_keys=keys, expand=["data.product"])
    marked = ((str(price["lookup_key"]), price) for price in found if _mark(price) == price.get("lookup_key"))
    return dict(marked)


def _mark(price: Thing) -> str | None:
    return (price.get("metadata") or {}).get(MARK)


def _is_sold(price: Thing, links: dict[str, PurchaseLink]) -> bool:
    """Tell whether a price can be bought at Stripe, or is for sale in the database."""
    link = links.get(price["id"])
    return _is_active(price) or (link is not None and link.active)


def _is_active(price: Thing) -> bool:
    return bool(price["active"] and price["product"].get("active"))


def _check_offer(offer: Offer, price: Thing | None, links: dict[str, PurchaseLink]) -> Iterator[Finding]:
    """Check one offer. Whether a price that is for sale in the database is active is checked with all such prices."""
    if price is None:
        yield make_finding(offer_missing, offer.id, "no price has its lookup key and its mark")
        return
    if not _is_sold(price, links):
        yield make_finding(offer_missing, offer.id, f"{price['id']} or its product is archived")
        return
    wanted = format_amount(offer.amount_minor, offer.currency)
    found = format_amount(price.get("unit_amount"), price.get("currency"))
    if found != wanted:
        yield make_finding(offer_price, offer.id, f"{found} at Stripe, {wanted} in the rules")
    if price["product"].get("name") != offer.title:
        yield make_finding(offer_title, offer.id, f"the product {price['product']['id']} has another name")
    if price["id"] in links:
        yield from _check_link(offer, links[price["id"]])


def _check_link(offer: Offer, link: PurchaseLink) -> Iterator[Finding]:
    """Compare a purchase link with its offer; whether it is for sale is checked with all prices."""
    wanted = {"layer": offer.layer.id, "title": offer.title, "unlock_route": offer.unlock_route}
    found = link.model_dump()
    wrong = [f"{name} {found[name]}, not {value}" for name, value in wanted.items() if found[name] != value]
    if wrong:
        yield make_finding(offer_link, offer.id, f"in the database: {', '.join(wrong)}")
