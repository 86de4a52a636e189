"""The offers of the rules at Stripe and in the database: one comparison, and what it is made equal by."""

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import stripe

from fixtures.servers import Database
from lab.database.connect import LimitedConnection, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.model import Offer
from lab.services.acting import acting_as_server
from lab.services.billing.offers import MARK
from lab.services.billing.stripe_client import plain
from lab.services.billing.sync import OfferTaken, apply_offers, compare_offers
from lab.services.local_stripe import LocalStripe
from tests.local_stripe.served import serve_briefly

ECHO = next(offer for offer in RULES.offers if offer.id == "echo")
DEARER = ECHO.model_copy(update={"amount_minor": 1500})
Found = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Store:
    """An account at Stripe and a database that are to agree."""

    local: LocalStripe
    client: stripe.StripeClient
    connection: LimitedConnection
    admin: psycopg.Connection[Any]

    def apply(self, *offers: Offer) -> list[str]:
        """Apply offers, and check that the comparison before it says the same and changes nothing."""
        before = self.everything()
        told = [one.sentence for one in compare_offers(self.client, self.connection, offers)]
        assert self.everything() == before
        done = [one.sentence for one in apply_offers(self.client, self.connection, offers)]
        assert done == told
        after = self.everything()
        assert compare_offers(self.client, self.connection, offers) == []
        assert apply_offers(self.client, self.connection, offers) == []
        assert self.everything() == after
        return done

    def everything(self) -> tuple[Any, ...]:
        """Return every product and price on both sides."""
        return (self.things("products"), self.things("prices"), self.rows("products"), self.rows("purchase_links"))

    def things(self, kind: str) -> list[dict[str, Any]]:
        """Return the objects of a kind at Stripe."""
        listed = getattr(self.client.v1, kind).list({"limit": 100}).auto_paging_iter()
        return [plain(one) for one in listed]

    def rows(self, table: str) -> Found:
        """Return the rows of a table."""
        return self.admin.execute(f"select * from public.{table} order by created_at, id".encode()).fetchall()

    def prices(self) -> list[tuple[int, bool, str | None]]:
        """Return amount, state and lookup key of each price at Stripe, cheapest first."""
        return sorted((one["unit_amount"], one["active"], one["lookup_key"]) for one in self.things("prices"))

    def links(self) -> Found:
        """Return layer, title, amount, route and state of each link, cheapest first."""
        return self.admin.execute(
            "select p.layer, p.title, l.amount_minor, l.unlock_route, p.active, l.active, l.livemode"
            " from public.purchase_links l join public.products p on p.id = l.product_id order by l.amount_minor"
        ).fetchall()

    def count(self, query: str, *values: Any) -> Any:
        """Return the first value of a query, as the superuser."""
        row = self.admin.execute(query.encode(), values).fetchone()
        return row[0] if row else None

    def price(self, offer: Offer = ECHO) -> str:
        """Return the id of the price that has an offer's lookup key."""
        return str(self.client.v1.prices.list({"lookup_keys": [offer.id]}).data[0].id)


@pytest.fixture
def store(server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[Store]:
    """An empty account, and a database without products."""
    own = database(server)
    with (
        serve_briefly() as local,
        psycopg.connect(own.admin_url, autocommit=True) as admin,
        connect(own.api_url) as connection,
    ):
        yield Store(local, local.client(), connection, admin)


def sold(offer: Offer = ECHO, active: bool = True) -> tuple[Any, ...]:
    return (offer.layer.id, offer.title, offer.amount_minor, offer.unlock_route, True, active, False)


def test_every_offer_is_for_sale_on_both_sides(store: Store) -> None:
    store.apply(*RULES.offers)
    cheapest_first = sorted(RULES.offers, key=lambda offer: offer.amount_minor)
    assert store.prices() == [(offer.amount_minor, True, offer.id) for offer in cheapest_first]
    assert store.links() == [sold(offer) for offer in cheapest_first]
    ids = {one["id"] for one in store.things("prices")}
    assert {row[0] for row in store.admin.execute("select stripe_price_id from public.purchase_links")} == ids


def test_another_amount_is_another_price(store: Store) -> None:
    store.apply(ECHO)
    first = store.price()
    assert store.apply(DEARER) == [
        "Stripe: create a price of 1500 eur with the lookup key echo.",
        f"Stripe: archive the price {first}.",
        "Database: sell echo at 1500 eur, unlocking /reading/echo.",
        f"Database: no longer sell at the price {first}.",
    ]
    assert store.prices() == [(1200, False, None), (1500, True, "echo")]
    assert store.links() == [sold(active=False), sold(DEARER)]


def test_an_amount_that_returns_is_a_price_of_its_own(store: Store) -> None:
    """Within a day Stripe would answer the same idempotency key with the archived price."""
    for offer in (ECHO, DEARER, ECHO, DEARER):
        store.apply(offer)
    assert store.prices() == [(1200, False, None), (1200, False, None), (1500, False, None), (1500, True, "echo")]
    assert [link[5] for link in store.links()].count(True) == 1


def test_another_currency_is_another_price(store: Store) -> None:
    store.apply(ECHO)
    store.apply(ECHO.model_copy(update={"currency": "usd"}))
    assert [price["currency"] for price in store.things("prices") if price["active"]] == ["usd"]


@pytest.mark.parametrize("change", [{"active": False}, {"name": "Eco"}], ids=["archived", "renamed"])
def test_a_product_is_as_the_rules_say(store: Store, change: Any) -> None:
    store.apply(ECHO)
    product = store.things("products")[0]["id"]
    store.client.v1.products.update(product, change)
    assert store.apply(ECHO) == [f"Stripe: name the product {product} Echo, and activate it."]


def test_an_archived_price_is_activated(store: Store) -> None:
    store.apply(ECHO)
    store.client.v1.prices.update(store.price(), {"active": False})
    assert store.apply(ECHO) == [f"Stripe: activate the price {store.price()}."]
    assert store.prices() == [(1200, True, "echo")]


def test_a_lost_lookup_key_is_another_price(store: Store) -> None:
    store.apply(ECHO)
    store.client.v1.prices.update(store.price(), {"lookup_key": ""})
    store.apply(ECHO)
    assert [price for price in store.prices() if price[1]] == [(1200, True, "echo")]
    assert [link[5] for link in store.links()].count(True) == 1


def test_what_is_no_longer_offered_cannot_be_bought(store: Store) -> None:
    """Until it is offered again."""
    store.apply(*RULES.offers)
    product = store.things("prices")[0]["product"]
    last = next(offer for offer in RULES.offers if offer.id == store.things("prices")[0]["lookup_key"])
    rest = [offer for offer in RULES.offers if offer is not last]
    assert store.apply(*rest) == [
        f"Stripe: archive the product {product}, which is no longer offered.",
        f"Database: no longer sell the product {product}.",
    ]
    link = store.count("select id from public.purchase_links where stripe_price_id = %s", store.price(last))
    with pytest.raises(psycopg.errors.CheckViolation), acting_as_server(store.connection):
        store.connection.execute("select public.open_purchase(%s, %s)", [uuid.uuid4(), link])
    assert len(store.apply(*RULES.offers)) == 2
    assert all(link[4] and link[5] for link in store.links())


@pytest.mark.parametrize("table", ["products", "purchase_links"])
def test_what_is_inactive_in_the_database_is_for_sale_again(store: Store, table: str) -> None:
    store.apply(ECHO)
    store.admin.execute(f"update public.{table} set active = false".encode())
    assert len(store.apply(ECHO)) == 1  # the other table is as it was
    assert store.links() == [sold()]


def test_another_route_is_written_into_the_link(store: Store) -> None:
    store.apply(ECHO)
    moved = ECHO.model_copy(update={"unlock_route": "/echo"})
    assert len(store.apply(moved)) == 1
    assert store.links() == [sold(moved)]


@pytest.mark.parametrize("first", [(), (ECHO,)], ids=["from nothing", "another amount"])
@pytest.mark.parametrize("calls", range(4))
def test_a_run_that_was_stopped_is_completed(store: Store, first: tuple[Offer, ...], calls: int) -> None:
    """It stops after none, one, two or all of its calls to Stripe, and always before the database."""
    store.apply(*first)
    stopping = store.local.client(http_client=Stopping(calls), max_network_retries=0)
    with connect(store.admin.info.dsn) as lost:
        lost.close()
        with pytest.raises((stripe.APIConnectionError, psycopg.OperationalError)):
            apply_offers(stopping, lost, (DEARER,))
    store.apply(DEARER)
    active = [price for price in store.prices() if price[1]]
    assert active == [(1500, True, "echo")]
    assert len(store.things("products")) == 1
    assert [link for link in store.links() if link[5]] == [sold(DEARER)]
    assert len(store.prices()) == 1 + len(first)


class Stopping(stripe.RequestsClient):
    """Makes so many changes and then loses Stripe, as a killed process would."""

    def __init__(self, changes: int) -> None:
        super().__init__()
        self._left = changes

    def request(self, method: str, url: str, headers: Any, post_data: Any = None, **more: Any) -> Any:
        if method == "post":
            if not self._left:
                raise stripe.APIConnectionError("stopped")  # type: ignore[no-untyped-call]
            self._left -= 1
        return super().request(method, url, headers, post_data, **more)


def test_foreign_products_prices_and_links_are_left_alone(store: Store) -> None:
    """Also a foreign price of our product, and a foreign product of the same name."""
    store.apply(ECHO)
    ours = store.things("products")[0]["id"]
    foreign = store.client.v1.products.create({"name": "Echo"}).id
    prices = [
        store.client.v1.prices.create({"product": product, "unit_amount": amount, "currency": "eur"}).id
        for product, amount in ((foreign, 700), (ours, 800))
    ]
    for product, price in zip((foreign, ours), prices, strict=True):
        link = uuid.uuid4()
        store.admin.execute(
            "insert into public.products (layer, stripe_product_id, title, livemode)"
            " values ('echo', %s, 'Echo', false) on conflict do nothing",
            [product],
        )
        store.admin.execute(
            "insert into public.purchase_links"
            " (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)"
            " select %s, id, %s, 700, 'eur', false, '/echo' from public.products where stripe_product_id = %s",
            [link, price, product],
        )
    store.apply(DEARER)
    kept = {one["id"]: one["active"] for one in store.things("prices")}
    assert [kept[price] for price in prices] == [True, True]
    active = "select active from public.purchase_links where stripe_price_id = any(%s)"
    assert store.admin.execute(active, [prices]).fetchall() == [(True,), (True,)]


def test_a_foreign_lookup_key_is_not_taken_over(store: Store) -> None:
    other = store.client.v1.products.create({"name": "Elsewhere"}).id
    price: Any = {"product": other, "unit_amount": 700, "currency": "eur", "lookup_key": "echo"}
    store.client.v1.prices.create(price)
    with pytest.raises(stripe.InvalidRequestError):
        apply_offers(store.client, store.connection, (ECHO,))
    assert [(one["product"], one["lookup_key"]) for one in store.things("prices")] == [(other, "echo")]
    assert store.links() == []


def test_a_product_that_unlocks_another_layer_is_refused(store: Store) -> None:
    made = store.client.v1.products.create({"name": "Echo", "metadata": {MARK: "echo"}}).id
    store.admin.execute(
        "insert into public.products (layer, stripe_product_id, title, livemode) values ('council', %s, 'Echo', false)",
        [made],
    )
    with pytest.raises(OfferTaken, match="unlocks council in the database, and echo in the rules"):
        compare_offers(store.client, store.connection, (ECHO,))
