"""The database's side: links and records as they are read, and when they cannot be."""

from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.stripe.records import QUERY_FOLDER, DatabaseRecords, PurchaseLink, PurchaseState, read_purchase_links
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from tests.stripe_account.fake import Shop
from tests.stripe_account.trial import check

SOLD = """
insert into public.products (id, layer, stripe_product_id, title, livemode)
values ('00000000-0000-0000-0000-000000000001', 'artifacts', 'prod_1', 'Artifacts', true);
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
select '00000000-0000-0000-0000-000000000002', id, 'price_1', 4900, 'eur', true, '/reading' from public.products;
insert into public.purchases (checkout_session_id, payment_intent_id, purchase_link_id, amount_minor, currency,
                              livemode)
select 'cs_live_1', 'pi_1', id, 4900, 'eur', true from public.purchase_links;
update public.purchases set status = 'paid', paid_at = now();
select public.record_refund('re_1', 'pi_1', 100, 'eur', 'succeeded', now());
select public.record_stripe_event('evt_1', 'charge.refunded', now(), true, '{}');
"""


@pytest.fixture
def sold(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection[Any]]:
    with connect(shared_database(server).url) as connection:
        connection.execute(SOLD)
        yield connection
        connection.rollback()


def test_links_and_records_are_read_from_the_database(sold: psycopg.Connection[Any]) -> None:
    (link,) = read_purchase_links(sold)
    assert link == PurchaseLink(
        price="price_1", product="prod_1", amount_minor=4900, currency="eur", livemode=True, active=True,
        layer="artifacts", title="Artifacts", unlock_route="/reading",
    )  # fmt: skip
    records = DatabaseRecords(sold)
    state = PurchaseState(status="paid", refunded_minor=100, unlocked=False)
    assert records.sessions(["cs_live_1", "cs_2"]) == {"cs_live_1": state}
    assert records.payments(["pi_1", "pi_2"]) == {"pi_1": state}
    assert records.events(["evt_1", "evt_2"]) == {"evt_1"}
    sold.execute("update public.products set active = false")
    assert not read_purchase_links(sold)[0].active


def test_records_that_cannot_be_read_are_unknown(shop: Shop, sold: psycopg.Connection[Any]) -> None:
    sold.execute("set local role authenticated")
    outcome = check(shop, DatabaseRecords(sold))
    assert {"42501" in u.why for u in outcome.unknowns} == {True}
    assert [u.what for u in outcome.unknowns][:2] == ["The paid checkouts.", "The events."]
    assert not outcome.findings


def test_each_query_has_a_sentence() -> None:
    assert all(path.read_text().startswith("-- ") for path in QUERY_FOLDER.glob("*.sql"))
