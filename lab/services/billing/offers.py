"""What Stripe has of an offer: its product, its price, and prices that it had before."""

from dataclasses import dataclass, field
from typing import Any

import stripe

from lab.rules.model import Offer
from lab.services.billing.stripe_client import Thing, plain

MARK = "offer"  # the key in the metadata of products and prices whose value is the offer's id


@dataclass(frozen=True, kw_only=True)
class AtStripe:
    """An offer at Stripe.

    Args:
        product: The product that is marked with the offer; None when there is none.
        prices: Every price of that product that is marked with the offer, also archived ones.
        price: The price that has the offer's lookup key; None when there is none.
    """

    product: Thing | None = None
    prices: tuple[Thing, ...] = field(default=())
    price: Thing | None = None


def read_marked_products(client: stripe.StripeClient) -> dict[str, Thing]:
    """Return the products that are marked with an offer, by its id; of several, the oldest."""
    found: dict[str, Thing] = {}
    for product in _read_all(client.v1.products, {}):
        if offer := product["metadata"].get(MARK):
            known = found.get(offer)
            found[offer] = min(filter(None, (known, product)), key=lambda one: (one["created"], one["id"]))
    return found


def read_offer(client: stripe.StripeClient, offer: Offer, product: Thing | None) -> AtStripe:
    """Return the prices of an offer's product."""
    if product is None:
        return AtStripe()
    prices = [one for one in _read_all(client.v1.prices, {"product": product["id"]}) if is_marked(one, offer)]
    current = next((one for one in prices if one["lookup_key"] == offer.id), None)
    return AtStripe(product=product, prices=tuple(prices), price=current)


def is_marked(thing: Thing, offer: Offer) -> bool:
    """Tell whether a product or a price was made for an offer."""
    return bool(thing["metadata"].get(MARK) == offer.id)


def has_terms(price: Thing, offer: Offer) -> bool:
    """Tell whether a price has the amount and currency of an offer, and is paid once."""
    terms = (price["unit_amount"], price["currency"], price["type"])
    return terms == (offer.amount_minor, offer.currency, "one_time")


def create_product(client: stripe.StripeClient, offer: Offer) -> Thing:
    """Create the product of an offer; a repeated call within a day returns the same one."""
    wanted: Any = {"name": offer.title, "metadata": {MARK: offer.id}}
    return plain(client.v1.products.create(wanted, {"idempotency_key": f"offer-product-{offer.id}-{offer.title}"}))


def create_price(client: stripe.StripeClient, offer: Offer, known: AtStripe) -> Thing:
    """Create the price of an offer; the lookup key moves to it from the offer's price before, and from no other.

    The idempotency key counts the prices so far, so that an amount which returns within a day gets a price of its own.
    """
    product = (known.product or {})["id"]
    wanted: Any = {
        "product": product,
        "unit_amount": offer.amount_minor,
        "currency": offer.currency,
        "lookup_key": offer.id,
        "transfer_lookup_key": known.price is not None,
        "metadata": {MARK: offer.id},
    }
    key = f"offer-price-{product}-{len(known.prices)}-{offer.amount_minor}-{offer.currency}"
    return plain(client.v1.prices.create(wanted, {"idempotency_key": key}))


def _read_all(service: Any, wanted: dict[str, Any]) -> list[Thing]:
    return [plain(one) for one in service.list({"limit": 100, **wanted}).auto_paging_iter()]
