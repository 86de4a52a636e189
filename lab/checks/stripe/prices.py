"""Compares prices and products at Stripe with the database, in both directions."""

from collections.abc import Iterator

import stripe

from lab.checks.criterion import make_finding
from lab.checks.finding import Finding, Unknown
from lab.checks.stripe.offers import check_offers
from lab.checks.stripe.reader import Account, read_list
from lab.checks.stripe.records import PurchaseLink
from lab.rules.amounts import format_amount
from lab.rules.criteria.stripe import (
    price_amount,
    price_archived,
    price_missing,
    price_mode,
    price_orphan,
    price_product,
    price_recurring,
    product_archived,
    product_orphan,
)
from lab.services.billing.stripe_client import Thing, is_missing, plain


def check_prices(account: Account) -> Iterator[Finding | Unknown]:
    """Compare every linked price with Stripe's, and every active price at Stripe with the links."""
    query = {"active": True, "expand": ["data.product"]}
    prices, left = read_list(account, account.client.v1.prices, "Further active prices at Stripe.", **query)
    yield from left
    active = {str(price["id"]): price for price in prices}
    mine = [link for link in account.links if link.livemode == (account.mode == "live")]
    if others := len(account.links) - len(mine):
        why = f"A {account.mode} key cannot see them; check with a key of the other mode as well."
        yield Unknown(what=f"{others} prices of the other mode.", why=why)
    for link in mine:
        yield from _check_link(link, active.get(link.price) or _retrieve(account, link.price))
    yield from _find_orphans(account, active)
    yield from check_offers(account)


def _retrieve(account: Account, price: str) -> Thing | None:
    """Return a price at Stripe, None when there is none in this account and mode."""
    try:
        return plain(account.client.v1.prices.retrieve(price, {"expand": ["product"]}))
    except stripe.InvalidRequestError as error:
        if is_missing(error):
            return None
        raise


def _check_link(link: PurchaseLink, price: Thing | None) -> Iterator[Finding]:
    if price is None:
        yield make_finding(price_missing, link.price, "no such price in this account and mode")
        return
    amount, currency = price.get("unit_amount"), price.get("currency")
    if (amount, currency) != (link.amount_minor, link.currency):
        wanted, found = format_amount(link.amount_minor, link.currency), format_amount(amount, currency)
        yield make_finding(price_amount, link.price, f"{found} at Stripe, {wanted} in the database")
    if price.get("livemode") is not link.livemode:
        yield make_finding(price_mode, link.price, "a price of the other mode")
    product = _product(price)
    if product["id"] != link.product:
        yield make_finding(price_product, link.price, f"{product['id']} at Stripe, {link.product} in the database")
    if link.active:
        yield from _check_sold(link, price, product)


def _check_sold(link: PurchaseLink, price: Thing, product: Thing) -> Iterator[Finding]:
    """Check a price that can be bought more strictly; an old one only has to stay linked."""
    if not price.get("active"):
        yield make_finding(price_archived, link.price, "archived")
    if product.get("deleted") or product.get("active") is False:
        yield make_finding(product_archived, product["id"], "deleted" if product.get("deleted") else "archived")
    if price.get("type") != "one_time":
        yield make_finding(price_recurring, link.price, f"of the type {price.get('type')}")


def _find_orphans(account: Account, active: dict[str, Thing]) -> Iterator[Finding]:
    connected = {link.price for link in account.links if link.active}
    products = {link.product for link in account.links}
    strange = set()
    for id, price in active.items():
        product = _product(price)
        if product.get("active") is False:
            continue  # Stripe sells nothing of an archived product
        if product["id"] not in products:
            strange.add(product["id"])
        elif id not in connected:
            yield make_finding(price_orphan, id, "active at Stripe, not for sale in the database")
    for product_id in sorted(strange):
        yield make_finding(product_orphan, product_id, "has an active price at Stripe, unknown to the database")


def _product(price: Thing) -> Thing:
    """Return a price's product, whether or not Stripe has unfolded it."""
    product = price.get("product")
    return product if isinstance(product, dict) else {"id": str(product)}
