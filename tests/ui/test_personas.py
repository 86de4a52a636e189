"""The path of each person who uses the product, from the first page to what they came for, in a browser."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures.served_app import serve_app, settle
from lab.database.embedded.server import start_embedded

BREAK = "drop index public.share_cards_slug; grant select on public.oracle_scrolls to anon"
READS = re.compile("Anonymous visitors can read")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("personas")


@pytest.fixture(scope="module")
def lab(home: Path) -> Iterator[str]:
    """The app with a database of its own, which a test may break."""
    with serve_app(home) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page(viewport={"width": 1280, "height": 900})
    yield opened
    opened.close()


def run_sql(home: Path, sql: str) -> None:
    """Run SQL as a person does with psql, on the database of the served app."""
    server = start_embedded(home / "postgres-18")
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(sql.encode())
    finally:
        server.stop()


def open_at(page: Page, address: str) -> None:
    page.goto(address)
    settle(page)


def check_again(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    settle(page)


def read_command(page: Page) -> str:
    """Return the SQL that the shown command line hands over, without the line that starts psql."""
    page.get_by_role("tab", name="Command line").click()
    lines = page.locator("[class*=st-key-repair-command] [data-testid=stCode]").inner_text().strip().splitlines()
    start = next(number for number, line in enumerate(lines) if line.rstrip().endswith("<<'SQL'"))
    return "\n".join(lines[start + 1 : -1])


def test_an_operator_finds_repairs_and_proves_a_broken_target(page: Page, lab: str, home: Path) -> None:
    open_at(page, f"{lab}/readiness")
    strip, verdict = page.locator(".st-key-strip"), page.locator("[class*=st-key-verdict_] h2")
    expect(verdict).to_contain_text("Ready", timeout=90_000)
    run_sql(home, BREAK)
    check_again(page, "Run the check")
    expect(verdict).to_contain_text("Not ready", timeout=30_000)
    expect(strip).to_contain_text("not ready")
    rows = page.locator(".st-key-findings button[kind=tertiary]")
    expect(rows.first).to_contain_text(READS)
    expect(rows.first).to_contain_text("critical")
    expect(rows.first).to_contain_text("new")
    assert (
        rows.nth(1).evaluate("e => e.getBoundingClientRect().bottom")
        - rows.first.evaluate("e => e.getBoundingClientRect().top")
        <= 2 * 400 / 7
    )  # seven fit into 400 pixels
    for named in (READS, re.compile("Index share_cards_slug is missing")):
        page.get_by_role("button", name=named).click()
        settle(page)
        run_sql(home, read_command(page))
        check_again(page, "Check this again")
        expect(page.get_by_text("It is resolved")).to_be_visible(timeout=30_000)
        page.get_by_role("button", name="All findings").click()
        settle(page)
    expect(verdict).to_contain_text("Ready")
    for name in ("Access", "Chapters"):
        page.get_by_role("link", name=name).click()
        settle(page)
        expect(strip).to_contain_text(re.compile(r"ready.*embedded.*checked \d+ (s|min) ago"))


def test_a_careful_operator_accepts_a_finding_for_review(page: Page, lab: str, home: Path) -> None:
    run_sql(home, "drop index public.share_cards_slug")
    open_at(page, f"{lab}/readiness?finding=index:public.share_cards_slug:missing")
    check_again(page, "Run the check")
    page.get_by_role("button", name=re.compile("Index share_cards_slug is missing")).click()
    settle(page)
    page.get_by_role("button", name="Accept until").click()
    page.get_by_label("Reason").fill("Rebuilt in the window on Friday.")
    page.get_by_label("Accepted by").fill("Ada Lovelace")
    page.keyboard.press("Tab")
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the entry").click()
    entry = Path(waiting.value.path()).read_text()
    assert 'key = "index:public.share_cards_slug:missing"' in entry
    assert 'target = "embedded"' in entry
    run_sql(home, "create unique index share_cards_slug on public.share_cards (slug)")


def take(page: Page, form: str) -> bytes:
    """Download a report in one form."""
    with page.expect_download() as waiting:
        page.get_by_role("button", name=form, exact=True).click()
    return Path(waiting.value.path()).read_bytes()


def test_a_stakeholder_goes_from_a_promise_to_its_first_step_and_takes_the_report_home(
    page: Page, lab: str, home: Path
) -> None:
    run_sql(home, "alter table public.oracle_scrolls disable row level security")
    open_at(page, f"{lab}/chapters")
    check_again(page, "Run the check")
    page.get_by_role("button", name="Export", exact=True).first.click()
    assert take(page, "PDF").startswith(b"%PDF")
    page.keyboard.press("Escape")
    page.get_by_role("link", name=re.compile("Begin here: Row-level security is off")).click()
    settle(page)
    expect(page.get_by_role("heading", name="Repair")).to_be_visible(timeout=30_000)
    page.get_by_role("button", name="What it means").click()
    expect(page.get_by_text("When to accept it.")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export", exact=True).first.click()
    assert take(page, "PDF").startswith(b"%PDF")
    told = json.loads(take(page, "JSON"))
    assert told["verdict"] == "not ready"
    assert told["findings"][0]["help"] == "docs/findings/row_security.md"
    run_sql(home, "alter table public.oracle_scrolls enable row level security")


def test_a_product_manager_finds_where_an_address_is_kept(page: Page, lab: str) -> None:
    open_at(page, f"{lab}/schema")
    page.get_by_role("searchbox", name="Search tables and columns").press_sequentially("e-mail", delay=30)
    expect(page.get_by_role("heading", name=re.compile(r"^\d+ of \d+ tables"))).to_be_visible()
    hyphen = page.get_by_role("heading", name=re.compile(r"^\d+ of \d+ tables")).inner_text()
    page.get_by_role("searchbox", name="Search tables and columns").fill("email")
    settle(page)
    assert page.get_by_role("heading", name=re.compile(r"^\d+ of \d+ tables")).inner_text() == hyphen
    open_at(page, f"{lab}/schema?table=email_suppressions")
    expect(page.get_by_text("create table public.email_suppressions")).to_have_count(0)
    page.get_by_text("SQL", exact=True).last.click()
    expect(page.locator("[data-testid=stCode]").last).to_contain_text("create table")
