"""The Payments page: what waits, the lists, and acts that are confirmed and carried out once."""

import psycopg
import pytest
from streamlit.testing.v1 import AppTest

from lab.readiness.reports.payments import PAYMENT_FORMS, FoundPayments
from lab.rules.waiting import unlock
from lab.ui.payments.parts import ACTS, PAGE
from tests.ui.drawing import Open, list_downloads, press, words
from tests.ui.operating import LIVE, execute, serve_on, wait_for

pytestmark = pytest.mark.usefixtures("own_home")

BUYER = "visitor-1@shop.example"
SALES = f"""
insert into auth.users (id, email) values ('0d000000-0000-4000-8000-000000000009', '{BUYER}');
insert into public.products (id, layer, stripe_product_id, title, livemode)
values ('0d000000-0000-4000-8000-000000000001', 'artifacts', 'prod_1', 'Artifacts', false);
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
values ('0d000000-0000-4000-8000-000000000002', '0d000000-0000-4000-8000-000000000001', 'price_1', 4900, 'eur', false,
        '/reading/artifacts');
select public.open_purchase('0d000000-0000-4000-8000-000000000003', '0d000000-0000-4000-8000-000000000002',
                            '0d000000-0000-4000-8000-000000000009');
select public.settle_purchase('cs_test_1', 'paid', false, array['price_1'], array[1], 3900, 3900, 'eur',
                              '0d000000-0000-4000-8000-000000000003', 'pi_1', 'ch_1');
"""


def reread(page: AppTest) -> AppTest:
    """Wait for the reading that was started, and draw the page again."""
    wait_for(PAGE.runs.find("embedded"))
    page.run()
    assert not page.exception
    return page


def act(page: AppTest, label: str) -> list[str]:
    """Press a button that acts, and return what the page says: at once, or after it has read the target again."""
    press(page, label)
    at_once = [said.value for said in page.success]
    return at_once + [said.value for said in reread(page).success]


@pytest.fixture
def sold(wall: str) -> str:
    """Sell something whose payment waits for a person."""
    with psycopg.connect(wall, autocommit=True) as connection:
        for statement in SALES.split(";\n"):
            connection.execute(statement.encode())
    return wall


def read_first(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
        return row[0] if row else None


UNLOCKED = "select count(*) from public.admin_audit_events where action = 'purchase.unlocked'"
DECIDED = "select count(*) from public.admin_audit_events where action = 'review.decided' and actor_kind = 'operator'"


def test_nothing_waits_in_an_empty_shop(open_page: Open, wall: str) -> None:
    page = reread(open_page("payments"))
    assert "Nothing waits for a person" in words(page)
    assert "No purchase." in words(page)


def test_what_waits_is_confirmed_and_decided_once(open_page: Open, sold: str) -> None:
    page = reread(open_page("payments"))
    told = words(page)
    assert "1 waits for a person" in told
    assert "Payment of another amount" in told
    assert "**Next:** Compare the amounts." in told
    assert BUYER not in told
    press(page, "Unlock")
    assert "The audit trail records it." in words(page)
    assert read_first(sold, UNLOCKED) == 0
    press(page, "Keep as it is")
    assert read_first(sold, DECIDED) == 0
    press(page, "Unlock")
    assert act(page, "Yes, unlock") == ["Unlocked."]
    assert "Nothing waits for a person" in words(page)
    assert (read_first(sold, UNLOCKED), read_first(sold, DECIDED)) == (1, 1)
    assert not reread(page).success


def test_a_decision_of_somebody_else_is_told(open_page: Open, sold: str) -> None:
    page = reread(open_page("payments"))
    press(page, "Refund")
    execute(sold, "select public.decide_review(id, 'leave') from public.payment_reviews")
    assert act(page, "Yes, refund") == ["It was decided before. Nothing was changed."]
    assert read_first(sold, "select decision from public.payment_reviews") == "leave"


def test_what_waits_is_taken_home_without_a_person(open_page: Open, sold: str) -> None:
    page = reread(open_page("payments"))
    assert {"JSON", "Markdown", "PDF"} <= list_downloads(page)
    (read,) = [run.result for run in [PAGE.runs.find("embedded")] if run and run.result]
    for form in ("json", "markdown"):
        told = str(PAYMENT_FORMS[form](FoundPayments("embedded", read)))
        assert "Payment of another amount" in told
        assert BUYER not in told


@pytest.mark.parametrize(
    ("show", "row"),
    [("purchases", "paid"), ("reviews", "Payment of another amount"), ("links", "49.00 EUR"), ("events", "No event.")],
)
def test_a_link_opens_a_list(open_page: Open, sold: str, show: str, row: str) -> None:
    assert row in words(reread(open_page("payments", show=show)))


def test_a_layer_filters_purchases_and_prices(open_page: Open, sold: str) -> None:
    page = reread(open_page("payments", show="links", layer="echo"))
    assert "No price." in words(page)
    assert "12.00 EUR" in words(page)
    assert "49.00 EUR" not in words(page)


def test_the_lab_leads_to_the_prices_of_its_layer(open_page: Open) -> None:
    page = open_page(
        "lab",
        layer="artifacts",
    )
    assert "49.00 EUR" in words(page)
    (link,) = [link for link in page.get("page_link") if "links and prices" in link.proto.label]
    assert link.proto.query_string == "show=links&layer=artifacts"


def test_a_database_without_the_wall_says_what_to_do(open_page: Open, wall: str) -> None:
    with psycopg.connect(wall, autocommit=True) as connection:
        connection.execute("revoke select on operations.purchases from oracle_operator")
    page = reread(open_page("payments"))
    told = words(page)
    assert "What waits is unknown." in told
    assert "PDF" not in list_downloads(page)
    assert "Purchases are unknown." in told


def test_live_payments_are_read_by_the_button_alone(open_page: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    serve_on(monkeypatch, "localhost")
    page = open_page("payments", target="staging")
    assert "Not read on this target yet" in words(page)
    assert PAGE.runs.find("staging") is None


def test_a_visitor_sees_no_live_payment_and_no_act(open_page: Open, sold: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", LIVE)
    page = reread(open_page("payments"))
    serve_on(monkeypatch, "0.0.0.0")
    page.run()
    assert "Acts are closed." in words(page)
    assert not {"Unlock", "Refund", "Mark as reviewed"} & {button.label for button in page.button}
    told = words(open_page("payments", target="staging"))
    assert "Live data is not shown." in told
    assert "Payment of another amount" not in told


def test_a_refusal_of_the_database_is_told_in_our_words(sold: str) -> None:
    execute(sold, "update public.payment_reviews set status = 'decided', decision = 'leave', decided_at = now()")
    assert ACTS.perform(sold, unlock, "nonsense")[1] is False
    told, went_well = ACTS.perform("postgresql://nobody:hunter2@127.0.0.1:1/x", unlock, "0" * 32)
    assert (went_well, told.startswith("Nothing was changed."), "hunter2" in told) == (False, True, False)
