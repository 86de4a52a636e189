"""Fixtures for pages: pages without a server, one real server, a browser that fails on console errors."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from streamlit.testing.v1 import AppTest

from fixtures.served_app import PROJECT, serve_app, settle
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.ui.access.parts import PAGE as ACCESS
from lab.ui.chapters.parts import PAGE as CHAPTERS
from lab.ui.deliveries.parts import PAGE as DELIVERIES
from lab.ui.kit.background import Runs
from lab.ui.kit.reports import open_board, open_report_runs
from lab.ui.kit.server_database import ServerDatabase, open_server_database
from lab.ui.payments.parts import PAGE as PAYMENTS
from lab.ui.target_page import TargetPage
from tests.ui.drawing import Open
from tests.ui.operating import boards, let_answer, wait_for

PAGES: tuple[TargetPage[Any], ...] = (ACCESS, CHAPTERS, PAYMENTS, DELIVERIES)
expect.set_options(timeout=20_000)  # a busy machine draws slowly; nothing waits longer than it must


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Iterator[Open]:
    """Open a page without a server: `open_page("lab", channel=["pdf"])`; no database stands behind it."""
    monkeypatch.setattr(ServerDatabase, "start", ServerDatabase._bring_up)
    let_answer(monkeypatch, "postgresql://nobody")
    open_server_database.clear()
    open_report_runs.clear()
    open_board.clear()
    for page in PAGES:
        monkeypatch.setattr(page, "runs", Runs())

    def open_it(name: str, **query: str | list[str]) -> AppTest:
        page = AppTest.from_file(str(PROJECT / "app.py"), default_timeout=30)
        page.run()
        page.switch_page(f"pages/{name}.py")
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    yield open_it
    open_server_database.clear()


@pytest.fixture
def own_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep histories apart, and let no real target in."""
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(tmp_path))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def wall(
    open_page: Open, monkeypatch: pytest.MonkeyPatch, server: EmbeddedPostgres, database: Callable[..., Database]
) -> Iterator[str]:
    """Put a migrated database behind the pages."""
    url = database(server).url
    let_answer(monkeypatch, url)
    yield url
    for runs in (*boards(), *(page.runs for page in PAGES)):
        wait_for(runs.find("embedded"))


@pytest.fixture
def bare(server: EmbeddedPostgres, database: Callable[..., Database]) -> str:
    """A database in which nothing was made yet."""
    return database(server, "bare").url


@pytest.fixture(scope="session")
def lab_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start the app once, with a data folder of its own, and stop it at the end."""
    with serve_app(tmp_path_factory.mktemp("home")) as url:
        yield url


Scheme = Literal["light", "dark"]


@pytest.fixture(scope="session")
def profile(browser: Browser, lab_url: str) -> Iterator[BrowserContext]:
    """Keep one profile of the browser, which reads the app's scripts once; its first page stays open."""
    context = browser.new_context()
    context.set_default_timeout(15_000)
    context.new_page().goto(f"{lab_url}/_stcore/health")
    yield context
    context.close()


@pytest.fixture
def visit(profile: BrowserContext, lab_url: str) -> Iterator[Callable[..., Page]]:
    """Open addresses in new windows: `visit("/schema", width=390, scheme="dark")`; console errors fail the test.

    Nothing that an earlier test stored in the browser is left, except for the app's own scripts.
    """
    profile.clear_cookies()
    profile.pages[0].evaluate("localStorage.clear()")
    errors: list[str] = []

    def go(address: str = "/", *, width: int = 1280, height: int = 900, scheme: Scheme = "light") -> Page:
        page = profile.new_page()
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.on("console", lambda message: _note(errors, message))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{lab_url}{address}")
        settle(page)
        return page

    yield go
    for page in profile.pages[1:]:
        page.close()
    assert errors == []


def _note(errors: list[str], message: object) -> None:
    kind, text, url = (getattr(message, name) for name in ("type", "text", "location"))
    if kind == "error":
        errors.append(f"{text} {url.get('url', '')}")
