"""Offers of the rules against a Local Stripe and a real database: each difference, its repair, and near misses."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest
import stripe

from fixtures.servers import Database
from lab.checks.stripe.check import check_stripe_account
from lab.checks.stripe.records import read_purchase_links
from lab.database.connect import LimitedConnection, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.model import Offer
from lab.services.billing.offers import MARK
from lab.services.billing.sync import apply_offers
from lab.services.local_stripe import LocalStripe, serve_local_stripe

OFFER_RULES = {"stripe_offer_missing", "stripe_offer_price", "stripe_offer_title", "stripe_offer_link"}
ECHO = next(offer for offer in RULES.offers if offer.id == "echo")
COUNCIL = next(offer for offer in RULES.offers if offer.id == "council")


@dataclass(frozen=True)
class Stall:
    """A shop that sells the offers."""

    local: LocalStripe
    client: stripe.StripeClient
    connection: LimitedConnection
    admin: psycopg.Connection[Any]

    def sell(self, **changes: Any) -> None:
        """Sell the offers, Echo with some changes."""
        offers = [offer.model_copy(update=changes) if offer == ECHO else offer for offer in RULES.offers]
        apply_offers(self.client, self.connection, offers)

    def price(self, offer: Offer = ECHO) -> stripe.Price:
        """Return the price of an offer."""
        return self.client.v1.prices.list({"lookup_keys": [offer.id]}).data[0]

    def product(self, offer: Offer = ECHO) -> str:
        """Return the id of an offer's product."""
        return str(self.price(offer).product)

    def run(self, statement: str, *values: object) -> None:
        """Run a statement as the superuser."""
        self.admin.execute(statement.encode(), values)

    def found(self) -> set[tuple[str, str]]:
        """Return the rules that are broken at prices, products and offers, with their subjects."""
        outcome = check_stripe_account(
            self.local.key,
            links=read_purchase_links(self.admin),
            records=None,
            site_url=None,
            base_addresses={"api": self.local.url},
        )
        kinds = ("stripe_offer", "stripe_price", "stripe_product")
        return {(one.rule, one.subject) for one in outcome.findings if one.rule.startswith(kinds)}


@pytest.fixture
def stall(server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[Stall]:
    """A shop of one's own, before anything is sold."""
    own = database(server)
    with (
        serve_local_stripe() as local,
        psycopg.connect(own.admin_url, autocommit=True) as admin,
        connect(own.api_url) as connection,
    ):
        yield Stall(local, local.client(), connection, admin)


def lose_key(stall: Stall) -> None:
    """Take the lookup key off the price, and end its sale."""
    stall.run("update public.purchase_links set active = false where stripe_price_id = %s", stall.price().id)
    stall.client.v1.prices.update(stall.price().id, {"lookup_key": "", "active": False})


def archive(stall: Stall) -> None:
    """Archive the product, and end its sale in the database."""
    stall.run("update public.products set active = false where stripe_product_id = %s", stall.product())
    stall.client.v1.products.update(stall.product(), {"active": False})


# What differs, and the rule that names it; selling the offers again repairs it.
DIFFERENCES: dict[str, tuple[Callable[[Stall], object], str]] = {
    "no price has the lookup key": (lose_key, "stripe_offer_missing"),
    "the product is archived and not for sale": (archive, "stripe_offer_missing"),
    "another amount": (lambda s: s.sell(amount_minor=1300), "stripe_offer_price"),
    "another currency": (lambda s: s.sell(currency="usd"), "stripe_offer_price"),
    "another title at Stripe": (
        lambda s: s.client.v1.products.update(s.product(), {"name": "Eco"}), "stripe_offer_title",
    ),
    "another title here": (
        lambda s: s.run("update public.products set title = 'Council' where stripe_product_id = %s", s.product()),
        "stripe_offer_link",
    ),
    "another route": (lambda s: s.sell(unlock_route="/other"), "stripe_offer_link"),
}  # fmt: skip


@pytest.mark.parametrize("difference", DIFFERENCES)
def test_a_difference_of_an_offer_is_found_and_repaired(stall: Stall, difference: str) -> None:
    stall.sell()
    assert stall.found() == set()
    differ, rule = DIFFERENCES[difference]
    differ(stall)
    assert stall.found() == {(rule, "echo")}
    stall.sell()
    assert stall.found() == set()


def test_an_offer_that_unlocks_another_layer_is_found(stall: Stall) -> None:
    stall.sell(layer=COUNCIL.layer)
    assert stall.found() == {("stripe_offer_link", "echo")}


def test_what_is_for_sale_and_archived_is_found_once(stall: Stall) -> None:
    """The rules about prices and products that are for sale name it."""
    stall.sell()
    stall.client.v1.products.update(stall.product(), {"active": False})
    assert stall.found() == {("stripe_product_archived", stall.product())}
    stall.client.v1.prices.update(stall.price(COUNCIL).id, {"active": False})
    assert ("stripe_price_archived", stall.price(COUNCIL).id) in stall.found()


def sell_nothing(stall: Stall) -> None:
    """Sell nothing at all."""


def sell_foreign(stall: Stall) -> None:
    """Sell something else, with a title and a lookup key like those of an offer."""
    price: Any = {
        "product": stall.client.v1.products.create({"name": "Echo"}).id,
        "unit_amount": 700,
        "currency": "eur",
        "lookup_key": "echo",
    }
    made = stall.client.v1.prices.create(price)
    stall.run(
        "with p as (insert into public.products (layer, stripe_product_id, title, livemode)"
        " values ('echo', %s, 'Echo', false) returning id)"
        " insert into public.purchase_links (product_id, stripe_price_id, amount_minor, currency, livemode,"
        " unlock_route) select id, %s, 700, 'eur', false, '/echo' from p",
        *(str(made.product), made.id),
    )


def end_everything(stall: Stall) -> None:
    """Sell the offers no longer."""
    stall.sell()
    apply_offers(stall.client, stall.connection, ())


def change_amount_twice(stall: Stall) -> None:
    """Keep an old price of another amount, archived and linked."""
    stall.sell(amount_minor=1300)
    stall.sell()


@pytest.mark.parametrize("nearly", [sell_nothing, sell_foreign, end_everything, change_amount_twice])
def test_a_shop_without_a_difference_stays_silent(stall: Stall, nearly: Callable[[Stall], None]) -> None:
    nearly(stall)
    assert stall.found() == set()


def test_a_foreign_price_with_the_mark_of_another_offer_is_none(stall: Stall) -> None:
    stall.sell()
    lose_key(stall)
    stall.client.v1.prices.update(stall.price(COUNCIL).id, {"metadata": {MARK: "echo"}})
    assert stall.found() == {("stripe_offer_missing", "echo"), ("stripe_offer_missing", "council")}
