"""One board for a target: a run on one page changes what Chapters, Readiness and Access say, and they agree."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect
from streamlit.testing.v1 import AppTest

from fixtures.served_app import serve_app, settle
from fixtures.servers import Database
from lab.checks.schema.check import check_database
from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.chapters import judge_chapters
from lab.ui.access.parts import PAGE as ACCESS
from lab.ui.chapters.parts import PAGE as CHAPTERS
from lab.ui.chapters.shape import STATES
from tests.ui.drawing import Open, metrics, press, words
from tests.ui.operating import boards, execute, serve_on, wait_for

pytestmark = pytest.mark.usefixtures("own_home")

RUN = {"readiness": "Run the check", "chapters": "Run the check", "access": "Run the probes"}
BREAKS = {  # what breaks access -> what repairs it
    "grant select on public.oracle_scrolls to anon": "revoke select on public.oracle_scrolls from anon",
    "alter table public.consents disable row level security": "alter table public.consents enable row level security",
}


def look(open_page: Open, name: str, *, run: bool = False) -> AppTest:
    """Open a page, press its button where that is wanted, and wait until nothing runs."""
    page = open_page(name)
    if run:
        press(page, RUN[name])
    for run_ in (*(runs.find("embedded") for runs in boards()), CHAPTERS.runs.find("embedded")):
        wait_for(run_)
    wait_for(ACCESS.runs.find("embedded"))
    page.run()
    assert not page.exception
    return page


def read_verdicts(open_page: Open) -> dict[str, str]:
    """Return what each page says, without running anything on it."""
    pages = {name: look(open_page, name) for name in RUN}
    readiness, access = words(pages["readiness"]), words(pages["access"])
    broken = int(list(metrics(pages["chapters"]).values())[1])
    return {
        "readiness": next(word for word in ("Not ready", "Ready", "Unknown") if f": {word}]" in readiness),
        "chapters": "Broken" if broken else "Holds",
        "access": next((word for word in ("Broken", "Holds", "Unknown") if f": {word}]" in access), ""),
    }


@pytest.mark.parametrize(
    ("first", "second"), [("readiness", "access"), ("chapters", "readiness"), ("access", "chapters")]
)
@pytest.mark.sample(every=4)
@pytest.mark.parametrize("weakening", BREAKS)
def test_a_run_on_one_page_is_seen_on_all_three(
    open_page: Open, wall: str, first: str, second: str, weakening: str
) -> None:
    for name in RUN:
        look(open_page, name, run=name == "access")
    assert read_verdicts(open_page) == {"readiness": "Ready", "chapters": "Holds", "access": "Holds"}
    execute(wall, weakening)
    look(open_page, first, run=True)
    assert read_verdicts(open_page) == {"readiness": "Not ready", "chapters": "Broken", "access": "Broken"}
    execute(wall, BREAKS[weakening])
    look(open_page, second, run=True)
    # Probes of the broken database prove nothing about the repaired one.
    access = "Unknown" if first == "access" else "Holds"
    assert read_verdicts(open_page) == {"readiness": "Ready", "chapters": "Holds", "access": access}


def test_a_check_of_some_layers_replaces_nothing_of_the_whole(open_page: Open, wall: str) -> None:
    look(open_page, "chapters")
    execute(wall, "alter table public.share_cards disable row level security")
    page = open_page("readiness", layer="scroll")
    wait_for(boards()[0].find("embedded") or boards()[1].find("embedded"))
    assert "only for Scroll" in words(page.run())
    assert int(list(metrics(look(open_page, "chapters")).values())[1]) > 0


def test_a_chapter_rests_on_nothing_that_was_not_read(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A readiness check reads no row, so each chapter that a question proves stays unknown."""
    monkeypatch.setenv("LAB_TARGET_STAGING", wall)
    serve_on(monkeypatch, "localhost")
    page = press(open_page("readiness", target="staging"), "Run the check")
    wait_for(boards()[1].find("staging"))
    page = open_page("chapters", target="staging")
    shown = judge_chapters(check_database(wall), None, None)
    assert list(metrics(page).values()) == [str(sum(one.state == word for one in shown)) for word in STATES]
    assert "ago (schema)" in words(page)
    assert "schema, rows" not in words(page)


def test_a_faulty_file_of_acceptances_stops_no_page(
    open_page: Open, wall: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("LAB_TARGET_STAGING", wall)
    serve_on(monkeypatch, "localhost")
    (tmp_path / "acceptances.toml").write_text("[[accept]")
    monkeypatch.setattr("lab.ui.kit.reports.ACCEPTANCES", tmp_path / "acceptances.toml")
    press(open_page("chapters", target="staging"), RUN["chapters"])
    wait_for(CHAPTERS.runs.find("staging"))
    page = open_page("readiness", target="staging")
    assert not page.exception
    wait_for(boards()[1].find("staging") if press(page, RUN["readiness"]) else None)
    assert "acceptances.toml" in words(page.run())


def test_two_pages_agree_after_a_run_on_the_third(
    browser: Browser, tmp_path: Path, server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    made = database(server)
    with serve_app(tmp_path, environment={"LAB_TARGET_SHOP": made.url}) as url:
        page = browser.new_page()

        def run(name: str) -> None:
            page.goto(f"{url}/{name}?target=shop")
            settle(page)
            page.get_by_role("button", name=RUN[name]).click()
            expect(page.get_by_role("button", name=RUN[name])).to_be_disabled()
            expect(page.get_by_role("button", name=RUN[name])).to_be_enabled(timeout=60_000)

        def read(name: str) -> str:
            page.goto(f"{url}/{name}?target=shop")
            settle(page)
            expect(page.locator(".st-key-strip")).to_contain_text("shop checked ")
            return page.locator("[data-testid=stMain]").inner_text()

        for name in RUN:
            run(name)
        execute(made.url, "grant select on public.oracle_scrolls to anon")
        run("chapters")
        assert "Not ready" in read("readiness")
        assert "1 privilege, policy or role differs from the rules." in read("access")
        execute(made.url, "revoke select on public.oracle_scrolls from anon")
        run("access")
        assert "Not ready" not in read("readiness")
        assert "Every probe gave the expected result." in read("access")
        assert "The readiness check shows why" not in read("chapters")
        page.close()
