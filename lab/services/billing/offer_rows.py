"""The rows of an offer: a product, and a purchase link for each price that it had. Called as the site's server."""

from typing import Any

import psycopg

from lab.rules.model import Offer
from lab.services.billing.stripe_client import Thing

Connection = psycopg.Connection[Any]


def read_product(connection: Connection, product: Thing) -> tuple[str, str, bool] | None:
    """Return layer, title and state of a product."""
    query = "select p.layer, p.title, p.active from public.products p where p.stripe_product_id = %s"
    return connection.execute(query, [product.get("id")]).fetchone()


def sell_product(connection: Connection, offer: Offer, product: Thing) -> None:
    """Write a product that can be bought."""
    statement = """
    insert into public.products (layer, stripe_product_id, title, livemode) values (%s, %s, %s, %s)
    on conflict (stripe_product_id) do update set title = excluded.title, active = true
    """
    connection.execute(statement, [offer.layer.id, product["id"], offer.title, product["livemode"]])


def end_product(connection: Connection, product: Thing) -> None:
    """End the sale of a product; its row stays."""
    statement = "update public.products p set active = false where p.stripe_product_id = %s"
    connection.execute(statement, [product["id"]])


def read_link(connection: Connection, price: Thing) -> tuple[str, bool] | None:
    """Return route and state of a price's purchase link."""
    query = "select l.unlock_route, l.active from public.purchase_links l where l.stripe_price_id = %s"
    return connection.execute(query, [price.get("id")]).fetchone()


def sell_link(connection: Connection, offer: Offer, product: Thing, price: Thing) -> None:
    """Write the purchase link of a price that can be bought; its mode is that of its product."""
    statement = """
    insert into public.purchase_links (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
    select p.id, %s, %s, %s, p.livemode, %s from public.products p where p.stripe_product_id = %s
    on conflict (stripe_price_id) do update set unlock_route = excluded.unlock_route, active = true
    """
    terms = [price["id"], price["unit_amount"], price["currency"], offer.unlock_route, product["id"]]
    connection.execute(statement, terms)


def end_link(connection: Connection, price: Thing) -> None:
    """End the sale at a price; its purchase link stays, so that it can still be matched to its product."""
    statement = "update public.purchase_links l set active = false where l.stripe_price_id = %s"
    connection.execute(statement, [price["id"]])
