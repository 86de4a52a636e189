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
from lab.services.acting import acting_as_server
from lab.services.billing import offer_rows as rows
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
        offers: Everything that the shop sells; a product of another offer is archived.

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
        pushed = [(offer, self._push(offer, products.pop(offer.id, None))) for offer in offers]
        for id, product in products.items():
            if product["active"]:
                end: Any = {"active": False}
                archive = partial(self._client.v1.products.update, product["id"], end)
                self._remove(id, f"Stripe: archive the product {product['id']}, which is no longer offered.", archive)
        with acting_as_server(self._connection):
            for offer, at_stripe in pushed:
                self._pull(offer, at_stripe)
            for id, product in products.items():
                self._end_product(id, product)
        return self._found

    def _remove(self, id: str, sentence: str, act: Callable[[], Any]) -> Any:
        """Note a difference of an offer, and remove it unless this run only compares; returns what the act returns."""
        self._found.append(Difference(offer=id, sentence=sentence))
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
            created: Thing | None = self._remove(offer.id, sentence, partial(create_product, self._client, offer))
            return created
        if (product["name"], product["active"]) != (offer.title, True):
            wanted: Any = {"name": offer.title, "active": True}
            sentence = f"Stripe: name the product {product['id']} {offer.title}, and activate it."
            self._remove(offer.id, sentence, partial(self._client.v1.products.update, product["id"], wanted))
        return product

    def _push_price(self, offer: Offer, known: AtStripe) -> Thing | None:
        """Return the price at which an offer is sold; None if it has yet to be created."""
        price = known.price
        if price is None or not has_terms(price, offer):
            sentence = (
                f"Stripe: create a price of {offer.amount_minor} {offer.currency} with the lookup key {offer.id}."
            )
            price = self._remove(offer.id, sentence, partial(create_price, self._client, offer, known))
        elif not price["active"]:
            self._set_active(offer, price, True)
        return price

    def _set_active(self, offer: Offer, price: Thing, active: bool) -> None:
        wanted: Any = {"active": active}
        sentence = f"Stripe: {'activate' if active else 'archive'} the price {price['id']}."
        self._remove(offer.id, sentence, partial(self._client.v1.prices.update, price["id"], wanted))

    def _pull(self, offer: Offer, at_stripe: AtStripe) -> None:
        """Bring an offer into the database; old purchase links stay, inactive."""
        product, price = at_stripe.product or {}, at_stripe.price or {}
        self._pull_product(offer, product)
        if rows.read_link(self._connection, price) != (offer.unlock_route, True):
            sentence = (
                f"Database: sell {offer.id} at {offer.amount_minor} {offer.currency}, unlocking {offer.unlock_route}."
            )
            self._remove(offer.id, sentence, partial(rows.sell_link, self._connection, offer, product, price))
        for old in at_stripe.prices:
            link = rows.read_link(self._connection, old)
            if link and link[1] and old["id"] != price.get("id"):
                end = partial(rows.end_link, self._connection, old)
                self._remove(offer.id, f"Database: no longer sell at the price {old['id']}.", end)

    def _pull_product(self, offer: Offer, product: Thing) -> None:
        row = rows.read_product(self._connection, product)
        if row and row[0] != offer.layer.id:
            raise OfferTaken(
                f"The offer {offer.id}",
                f"Its product {product['id']} unlocks {row[0]} in the database, and {offer.layer.id} in the rules",
                "Give the offer a new id, because the layer of a product never changes",
            )
        if not row or row[1:] != (offer.title, True):
            sell = partial(rows.sell_product, self._connection, offer, product)
            self._remove(offer.id, f"Database: sell the product {offer.title}.", sell)

    def _end_product(self, id: str, product: Thing) -> None:
        row = rows.read_product(self._connection, product)
        if row and row[2]:
            end = partial(rows.end_product, self._connection, product)
            self._remove(id, f"Database: no longer sell the product {product['id']}.", end)
