"""Brings the offers of the rules to Stripe, and what Stripe has of them into the database.

Every step looks at what is there, so a run that was stopped is completed by the next one. Products and prices are
marked with their offer. Those without the mark are never changed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

import psycopg
import stripe

from lab.rules.model import Offer
from lab.services.billing.acting import acting_as_server
from lab.services.billing.offers import (
    AtStripe,
    create_price,
    create_product,
    has_terms,
    read_marked_products,
    read_offer,
)
from lab.services.billing.stripe_client import Thing
from lab.text.errors import LabError


class OfferTaken(LabError):
    """An offer cannot be synchronized, because its product unlocks something else in the database."""


@dataclass(frozen=True, kw_only=True)
class Difference:
    """A difference from the rules, and what removes it.

    Args:
        offer: Id of the offer.
        sentence: What is changed, at Stripe or in the database.
    """

    offer: str
    sentence: str


def compare_offers(
    client: stripe.StripeClient, connection: psycopg.Connection[Any], offers: Iterable[Offer]
) -> list[Difference]:
    """Return what `apply_offers` would change, in its words. Read-only.

    Raises:
        stripe.StripeError: Stripe cannot be asked.
        OfferTaken: A product in the database unlocks another layer than its offer.
    """
    return _Sync(client, connection, changing=False).run(tuple(offers))


def apply_offers(
    client: stripe.StripeClient, connection: psycopg.Connection[Any], offers: Iterable[Offer]
) -> list[Difference]:
    """Create and correct the offers at Stripe, then in the database; return what was changed.

    The mode is that of the client's key. A second run changes nothing. A changed price becomes a new one, and the old
    one stays, archived at Stripe and inactive in the database.

    Args:
        client: The official client.
        connection: A connection without an open transaction, whose login may act as the site's server.
        offers: What the shop sells.

    Raises:
        stripe.StripeError: Stripe cannot be asked, or refuses a change; what was done stays, and can be completed.
        psycopg.Error: The database is unchanged.
        OfferTaken: A product in the database unlocks another layer than its offer.
    """
    return _Sync(client, connection, changing=True).run(tuple(offers))


class _Sync:
    """One run: each difference is noted, and removed if the run changes anything."""

    def __init__(self, client: stripe.StripeClient, connection: psycopg.Connection[Any], *, changing: bool) -> None:
        self._client, self._connection, self._changing = client, connection, changing
        self._found: list[Difference] = []

    def run(self, offers: tuple[Offer, ...]) -> list[Difference]:
        """Bring all offers to Stripe, and then all of them into the database, in one transaction."""
        products = read_marked_products(self._client)
        pushed = [(offer, self._push(offer, products.get(offer.id))) for offer in offers]
        with acting_as_server(self._connection):
            for offer, at_stripe in pushed:
                self._pull(offer, at_stripe)
        return self._found

    def _remove(self, offer: Offer, sentence: str, act: Callable[[], Any]) -> Any:
        """Note a difference, and remove it unless this run only compares; returns what the act returns."""
        self._found.append(Difference(offer=offer.id, sentence=sentence))
        return act() if self._changing else None

    def _push(self, offer: Offer, product: Thing | None) -> AtStripe:
        """Bring an offer to Stripe, and return what Stripe has of it then."""
        product = self._push_product(offer, product)
        known = read_offer(self._client, offer, product)
        price = self._push_price(offer, known)
        prices = tuple({one["id"]: one for one in (*known.prices, price) if one}.values())
        for old in prices:
            if old["active"] and (price is None or old["id"] != price["id"]):
                self._set_active(offer, old, False)
        return AtStripe(product=product, prices=prices, price=price)

    def _push_product(self, offer: Offer, product: Thing | None) -> Thing | None:
        """Return the product of an offer; None if it has yet to be created."""
        if product is None:
            sentence = f"Stripe: create the product {offer.title}."
            created: Thing | None = self._remove(offer, sentence, partial(create_product, self._client, offer))
            return created
        if (product["name"], product["active"]) != (offer.title, True):
            wanted: Any = {"name": offer.title, "active": True}
            sentence = f"Stripe: name the product {product['id']} {offer.title}, and activate it."
            self._remove(offer, sentence, partial(self._client.v1.products.update, product["id"], wanted))
        return product

    def _push_price(self, offer: Offer, known: AtStripe) -> Thing | None:
        """Return the price at which an offer is sold; None if it has yet to be created."""
        price = known.price
        if price is None or not has_terms(price, offer):
            sentence = (
                f"Stripe: create a price of {offer.amount_minor} {offer.currency} with the lookup key {offer.id}."
            )
            price = self._remove(offer, sentence, partial(create_price, self._client, offer, known))
        elif not price["active"]:
            self._set_active(offer, price, True)
        return price

    def _set_active(self, offer: Offer, price: Thing, active: bool) -> None:
        wanted: Any = {"active": active}
        sentence = f"Stripe: {'activate' if active else 'archive'} the price {price['id']}."
        self._remove(offer, sentence, partial(self._client.v1.prices.update, price["id"], wanted))

    def _pull(self, offer: Offer, at_stripe: AtStripe) -> None:
        """Bring an offer into the database; old purchase links stay, inactive."""
        product, price = at_stripe.product or {}, at_stripe.price or {}
        self._pull_product(offer, product)
        self._pull_link(offer, product, price)
        for old in at_stripe.prices:
            link = self._ask(_LINK, {"id": old["id"]})
            if link and link[1] and old["id"] != price.get("id"):
                end = partial(self._ask, _END_LINK, {"id": old["id"]})
                self._remove(offer, f"Database: no longer sell at the price {old['id']}.", end)

    def _pull_product(self, offer: Offer, product: Thing) -> None:
        row = self._ask(_PRODUCT, {"id": product.get("id")})
        if row and row[0] != offer.layer.id:
            raise OfferTaken(
                f"The offer {offer.id}",
                f"Its product {product['id']} unlocks {row[0]} in the database, and {offer.layer.id} in the rules",
                "Give the offer a new id, because the layer of a product never changes",
            )
        if not row or row[1:] != (offer.title, True):
            values: dict[str, Any] = {"layer": offer.layer.id, "title": offer.title}
            values |= {"id": product.get("id"), "livemode": product.get("livemode")}
            sell = partial(self._ask, _SELL_PRODUCT, values)
            self._remove(offer, f"Database: sell the product {offer.title}.", sell)

    def _pull_link(self, offer: Offer, product: Thing, price: Thing) -> None:
        if self._ask(_LINK, {"id": price.get("id")}) == (offer.unlock_route, True):
            return
        values = {"product": product.get("id"), "id": price.get("id"), "route": offer.unlock_route}
        values |= {"amount": offer.amount_minor, "currency": offer.currency}
        sentence = (
            f"Database: sell {offer.id} at {offer.amount_minor} {offer.currency}, unlocking {offer.unlock_route}."
        )
        self._remove(offer, sentence, partial(self._ask, _SELL_LINK, values))

    def _ask(self, statement: str, values: dict[str, Any]) -> tuple[Any, ...] | None:
        """Run a statement, and return its first row."""
        cursor = self._connection.execute(statement.encode(), values)
        return cursor.fetchone() if cursor.description else None


_PRODUCT = "select p.layer, p.title, p.active from public.products p where p.stripe_product_id = %(id)s"
_SELL_PRODUCT = """
insert into public.products (layer, stripe_product_id, title, livemode)
values (%(layer)s, %(id)s, %(title)s, %(livemode)s)
on conflict (stripe_product_id) do update set title = excluded.title, active = true
"""
_LINK = "select l.unlock_route, l.active from public.purchase_links l where l.stripe_price_id = %(id)s"
_SELL_LINK = """
insert into public.purchase_links (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
select p.id, %(id)s, %(amount)s, %(currency)s, p.livemode, %(route)s
from public.products p where p.stripe_product_id = %(product)s
on conflict (stripe_price_id) do update set unlock_route = excluded.unlock_route, active = true
"""
_END_LINK = "update public.purchase_links l set active = false where l.stripe_price_id = %(id)s"
