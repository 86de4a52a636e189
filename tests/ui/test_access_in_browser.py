"""The Access page as people see it, on a sound database and on a broken one."""

import re
from collections.abc import Callable
from pathlib import Path

import psycopg
from playwright.sync_api import Browser, Locator, Page, expect

from fixtures.served_app import serve_app, settle
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.ui.test_accessibility import find_faults_in_both
from tests.ui.test_browser import find_overflow

VIEW = "create view public.v as select id, question from public.oracle_scrolls; grant select on public.v to anon"
GATE = "alter table public.passport_records disable trigger passport_needs_consent"
PROMISE = "Nothing is written to a Passport without explicit consent."


def test_a_broken_promise_is_seen_to_be_broken(
    browser: Browser, tmp_path: Path, server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    made = database(server)
    with serve_app(tmp_path, environment={"LAB_TARGET_SHOP": made.url}) as url:
        page = browser.new_page()
        page.goto(f"{url}/access?target=shop")
        settle(page)
        try_it(page, "Holds")
        page.get_by_text("promises hold").click()
        expect(page.locator("canvas tr").filter(has_text=PROMISE)).to_contain_text("held")
        expect(cell(page, "oracle_scrolls", "Visitor")).to_have_text(re.compile(r"nothing\s+as expected"))
        with psycopg.connect(made.url, autocommit=True) as connection:
            connection.execute(f"{VIEW}; {GATE}".encode())
        try_it(page, "Broken")
        expect(page.locator("canvas tr").filter(has_text=PROMISE)).to_contain_text("broken")
        expect(page.locator(".lab-matrix tbody tr").first).to_contain_text("differs")
        expect(cell(page, "oracle_scrolls", "Visitor")).to_contain_text("reads another person's words in public.v")
        expect(cell(page, "passport_records", "Site server")).to_contain_text("breaks a promise")
        assert find_faults_in_both(page) == []
        page.get_by_role("link", name="Findings and repairs").click()
        expect(page).to_have_url(re.compile(r"/readiness\?.*target=shop"))
        for address in ("/access?target=shop", "/access?target=shop&who=subject_a"):
            page.goto(f"{url}{address}")
            page.set_viewport_size({"width": 390, "height": 844})
            settle(page)
            assert find_overflow(page) == []
            assert find_faults_in_both(page) == []
        page.goto(f"{url}/access?target=shop")
        settle(page)
        calm = cell(page, "products", "Site server")
        expect(calm).to_be_hidden()
        page.get_by_text("Show every cell").click()
        expect(calm).to_be_visible()
        page.close()


def try_it(page: Page, verdict: str) -> None:
    page.get_by_role("button", name="Run the probes").click()
    expect(page.locator("[class*=st-key-verdict_] h2")).to_contain_text(verdict, timeout=60_000)
    settle(page)


def cell(page: Page, table: str, who: str) -> Locator:
    """Return the cell of a table and an identity, which is named in it."""
    row = page.locator(".lab-matrix tbody tr").filter(has=page.locator(f"code:text-is('{table}')"))
    return row.locator("td").filter(has_text=f"{who}:")
