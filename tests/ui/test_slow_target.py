"""A check of a target that answers slowly: its progress, the pages meanwhile, and its cancelling."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import Browser, expect

from fixtures.served_app import serve_app, settle
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.history import find_history, read_runs
from tests.ui.slow_line import lead_slowly
from tests.ui.test_accessibility import find_faults_in_both

ANSWER_SECONDS = 0.6  # a check of the wall alone takes some ten answers
AT_ONCE_SECONDS = 4.0  # for a click on a busy machine; the check would go on for twelve seconds
GONE_SECONDS = 10.0


def count_connections(database: Database) -> int:
    """Count the lab's connections to a database."""
    asked = "select count(*) from pg_stat_activity where datname = %s and application_name like 'persistence-lab%%'"
    with psycopg.connect(database.admin_url) as connection:
        found = connection.execute(asked, [database.name]).fetchone()
    assert found
    return int(found[0])


def wait_for_connections(database: Database, count: int) -> bool:
    """Wait until there are as many, and tell whether that came to be."""
    end = time.monotonic() + GONE_SECONDS
    while not (met := count_connections(database) == count) and time.monotonic() < end:
        time.sleep(0.1)
    return met


@pytest.fixture
def slow(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    """The database behind the slow line, as it is reached without that line."""
    return database(server)


@pytest.fixture
def app(slow: Database, tmp_path: Path) -> Iterator[str]:
    """Serve the app with a target that answers slowly; give its address."""
    with (
        lead_slowly(slow.url, ANSWER_SECONDS) as url,
        serve_app(tmp_path, environment={"LAB_TARGET_HARBOUR": url}) as address,
    ):
        yield address


def test_a_slow_check_leaves_the_pages_alone_and_is_cancelled_for_good(
    browser: Browser, tmp_path: Path, slow: Database, app: str
) -> None:
    page = browser.new_page()
    page.goto(f"{app}/readiness?target=harbour&ask=data&ask=operations")
    expect(page.get_by_text("Not run on this target yet")).to_be_visible()
    page.get_by_role("button", name="Run the check").click()
    running = page.locator(".st-key-running")
    expect(running).to_contain_text(re.compile("running.*waiting.*waiting", re.DOTALL))

    page.get_by_role("link", name="Schema").click()
    expect(page.get_by_role("heading", name="Schema")).to_be_visible()
    page.get_by_role("link", name="Readiness").click()
    expect(running).to_contain_text(re.compile("done.*running.*waiting", re.DOTALL), timeout=60_000)
    assert wait_for_connections(slow, 1)

    clicked = time.monotonic()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled after")).to_be_visible()
    assert time.monotonic() - clicked < AT_ONCE_SECONDS
    expect(running).to_have_count(0)
    expect(page.locator("[class*=st-key-verdict_]")).to_have_count(0)
    assert wait_for_connections(slow, 0)
    assert read_runs(find_history({"PERSISTENCE_LAB_HOME": str(tmp_path)}), "harbour") == ()
    assert find_faults_in_both(page) == []

    page.get_by_text("History", exact=True).click()
    expect(page.get_by_text("The history has no check of this target yet")).to_be_visible()
    page.get_by_role("button", name="Run the check").click()
    expect(running).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled after")).to_be_visible()
    settle(page)
    page.close()


def test_the_chapters_of_a_live_target_are_asked_by_the_button_and_can_be_cancelled(
    browser: Browser, slow: Database, app: str
) -> None:
    page = browser.new_page()
    page.goto(f"{app}/chapters?target=harbour")
    expect(page.get_by_text("Not run on this target yet. Run the check: it only reads.")).to_be_visible()
    expect(page.get_by_text("The check has not run on this target yet.").first).to_be_visible()
    assert count_connections(slow) == 0
    page.get_by_role("button", name="Run the check").click()
    running = page.locator(".st-key-running")
    expect(running).to_contain_text(re.compile("running.*waiting", re.DOTALL))
    expect(page.get_by_role("heading", name=re.compile("^1\\."))).to_have_count(0)  # it would move at the end
    assert wait_for_connections(slow, 1)
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Cancelled after")).to_be_visible()
    assert wait_for_connections(slow, 0)
    expect(page.get_by_role("heading", name=re.compile("^1\\."))).to_contain_text("unknown")

    page.get_by_role("button", name="Run the check").click()
    expect(running).to_contain_text(re.compile("done.*running", re.DOTALL), timeout=60_000)
    strip = page.locator(".st-key-strip")
    expect(strip.get_by_text(re.compile(r"checked \d+ (s|min) ago"))).to_be_visible(timeout=60_000)
    expect(page.get_by_text(re.compile(r"^\d+ hold$"))).to_be_visible()
    settle(page)
    assert find_faults_in_both(page) == []
    page.close()
