"""The Deliveries page in a real browser, on a database with jobs in every state."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures.served_app import serve_app, settle
from lab.rules.deliveries import park
from tests.delivery.people import Shop
from tests.delivery.waiting import act, kill, leave, lose_answer, stop_one
from tests.ui.test_accessibility import find_faults_in_both

RETRIED = "select count(*) from public.admin_audit_events where action = 'job.retried'"


@pytest.fixture
def page(shop: Shop, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The page of a shop in which something of many kinds waits; a request that fails fails the test."""
    for make in (kill, lose_answer, leave, stop_one):
        make(shop)
    failed: list[str] = []
    with serve_app(tmp_path, environment={"DATABASE_URL": shop.database.url}) as url:
        opened = browser.new_page(viewport={"width": 1280, "height": 900})
        opened.on("response", lambda got: failed.append(got.url) if got.status >= 400 else None)
        opened.goto(f"{url}/deliveries")
        settle(opened)
        opened.get_by_role("button", name="Read deliveries").click()
        expect(opened.get_by_text("No: 3 wait for a person")).to_be_visible()
        yield opened
        opened.close()
    assert failed == []


def test_a_double_click_acts_once_and_the_page_follows_the_database(page: Page, shop: Shop) -> None:
    page.get_by_role("button", name="Retry", exact=True).click()
    expect(page.get_by_text("The audit trail records it.")).to_be_visible()
    page.get_by_role("button", name="Yes, retry").dblclick()
    expect(page.get_by_text("Queued. The worker takes it next.")).to_be_visible()
    expect(page.get_by_text("No: 2 wait for a person")).to_be_visible()
    assert shop.read(RETRIED) == [(1,)]
    expect(page.get_by_text("Job is parked")).to_have_count(0)
    assert act(shop, park, shop.read("select id from public.delivery_jobs where status = 'pending'")[0][0])
    expect(page.get_by_text("Job is parked")).to_be_visible()
    assert find_faults_in_both(page) == []


def test_it_reads_well_on_a_phone(page: Page, shop: Shop) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.get_by_role("button", name="It arrived")).to_be_visible()
    expect(page.get_by_role("listitem").filter(has_text="smtp.5_1_1").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    told = page.locator("body").inner_text()
    private = [
        str(shop.world.subject),
        *(str(key) for (key,) in shop.read("select idempotency_key from delivery_jobs")),
    ]
    assert [word for word in (*private, "@") if word in told] == []
