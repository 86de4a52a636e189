"""The real app in a real browser. A console error fails the test that saw it."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import psycopg
import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from fixtures.page_states import STATES, list_addresses
from fixtures.served_app import serve_app, settle
from lab import RULES, Scenario, make_plan
from lab.database.embedded.server import start_embedded
from lab.plan.text import plan_markdown
from lab.ui.kit.tables import write_csv
from lab.ui.schema.dictionary import frame_columns, frame_dictionary
from tests.ui.test_accessibility import find_faults_in_both

STRAYS = 25  # tables that nobody declared
Visit = Callable[..., Page]
PAGES = tuple(list_addresses(page)[0] for page in STATES)


def read_verdict(page: Page) -> str:
    return page.locator("[class*=st-key-verdict_] h2").first.inner_text().split("\n")[-1].strip()


def pick(page: Page, group: str, name: str) -> None:
    """Pick a pill of a group by its words."""
    page.get_by_role("toolbar", name=group).first.get_by_role("button", name=name, exact=True).click()


def wait_for_verdict(page: Page, words: str) -> None:
    expect(page.locator("[class*=st-key-verdict_] h2").first).to_contain_text(words)


def download(page: Page, button: str) -> str:
    with page.expect_download() as waiting:
        page.get_by_role("button", name=button, exact=True).click()
    return Path(waiting.value.path()).read_text(encoding="utf-8")


def test_from_a_channel_to_ready_with_one_click(visit: Visit) -> None:
    page = visit("/")
    assert "Ready" in read_verdict(page)
    pick(page, "Delivery channels", "E-mail")
    wait_for_verdict(page, "Missing consent")
    page.get_by_role("button", name="Add the E-mail consent").click()
    wait_for_verdict(page, "Ready")
    expect(page).to_have_url(re.compile(r"layer=artifacts&channel=email&consent=email_delivery"))


def test_a_fresh_server_can_be_met_on_any_page(browser: Browser, tmp_path: Path) -> None:
    """The very first request of a server's life is a link to a page: it has its menu and its style."""
    with serve_app(tmp_path) as url:
        page = browser.new_page()
        page.goto(f"{url}/schema?table=share_cards")
        settle(page)
        expect(page.locator("h1").first).to_have_text("Schema")
        expect(page.get_by_role("link", name="Chapters")).to_be_visible()
        expect(page.get_by_test_id("stDataFrame").first).to_be_visible()
        expect(page.locator("canvas td", has_text="Last part of the card's link")).to_have_count(1)
        page.close()


def test_a_reload_brings_the_same_scenario(visit: Visit) -> None:
    page = visit("/?layer=scroll&channel=email&channel=pdf&consent=email_delivery&view=Risks")
    expect(page.get_by_role("button", name="Export", exact=True).first).to_be_visible()
    expect(page.locator("canvas td").first).to_be_attached()
    settle(page)
    before = page.get_by_test_id("stMain").inner_text()
    page.reload()
    settle(page)
    expect(page.get_by_test_id("stMain")).to_have_text(before, use_inner_text=True)
    assert "Scroll, through E-mail, PDF, with E-mail" in before


def test_back_and_forward_walk_through_the_scenarios(visit: Visit) -> None:
    page = visit("/")
    pick(page, "Delivery channels", "E-mail")
    wait_for_verdict(page, "Missing consent")
    expect(page).to_have_url(re.compile("channel=email"))
    page.go_back()
    wait_for_verdict(page, "Ready")
    page.go_forward()
    wait_for_verdict(page, "Missing consent")


def test_a_scenario_is_still_there_after_another_page(visit: Visit) -> None:
    page = visit("/?layer=council&channel=email")
    page.get_by_role("link", name="Schema").click()
    expect(page.get_by_role("heading", name="Schema")).to_be_visible()
    settle(page)
    page.get_by_role("link", name="Lab").click()
    expect(page.get_by_text("Council, through E-mail")).to_be_visible()
    expect(page).to_have_url(re.compile(r"layer=council&channel=email"))


def test_a_channel_stays_picked_when_the_layer_does_not_offer_it(visit: Visit) -> None:
    page = visit("/?channel=gift&consent=gift_recipient&consent=email_delivery")
    assert "Ready" in read_verdict(page)
    page.get_by_role("radio", name="Stripe", exact=True).click()
    wait_for_verdict(page, "Not offered")
    page.get_by_role("button", name="Leave out Gift").click()
    wait_for_verdict(page, "Ready")
    expect(page).to_have_url(re.compile("layer=stripe"))
    expect(page).not_to_have_url(re.compile("channel=gift"))  # which is written a moment after the verdict


def test_quick_clicks_are_all_kept(visit: Visit) -> None:
    page = visit("/")
    for name in ("E-mail", "PDF", "Gift", "Receipt"):
        pick(page, "Delivery channels", name)
    expect(page).to_have_url(re.compile("channel=email&channel=pdf&channel=gift&channel=receipt"))
    wait_for_verdict(page, "Missing consent")


def test_the_json_is_the_plan_itself(visit: Visit) -> None:
    page = visit("/?channel=email&channel=pdf")
    plan = make_plan(Scenario(layer="artifacts", channels=("email", "pdf")))
    page.get_by_role("button", name="Export", exact=True).first.click()
    assert download(page, "JSON") == plan.model_dump_json(indent=2)
    assert json.loads(plan.model_dump_json())["verdict"] == "missing consent"
    assert download(page, "Markdown") == plan_markdown(plan)


def test_the_link_is_copied_and_opens_the_very_same_view(visit: Visit, profile: BrowserContext) -> None:
    profile.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit("/?layer=shop&channel=receipt&what_if=eu_buyer&view=Risks")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    link = page.evaluate("navigator.clipboard.readText()")
    assert link.endswith("/?layer=shop&channel=receipt&what_if=eu_buyer&view=Risks")
    before = page.get_by_test_id("stMain").inner_text().replace("Link copied", "Copy link")
    page.goto(link)
    settle(page)
    assert page.get_by_test_id("stMain").inner_text() == before


def test_a_browser_that_refuses_to_copy_shows_the_link(visit: Visit) -> None:
    page = visit("/?channel=pdf")
    page.evaluate("navigator.clipboard.writeText = () => Promise.reject(); document.execCommand = () => false")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_label("Link to this page")).to_have_value(re.compile("layer=artifacts&channel=pdf$"))


def test_what_a_link_says_wrong_is_named(visit: Visit) -> None:
    page = visit("/?layer=temple&channel=fax")
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("layer “temple”")
    expect(alert).to_contain_text("email, pdf, share_card")


def box_of(part: Locator) -> dict[str, float]:
    """Return where a part of the page is drawn."""
    box = part.bounding_box()
    assert box
    return {"x": box["x"], "y": box["y"], "width": box["width"], "height": box["height"]}


def test_two_scenarios_side_by_side_and_on_a_phone(visit: Visit) -> None:
    address = "/?channel=email&compare=on&b_layer=shop&b_channel=gift"
    page = visit(address)
    expect(page.get_by_text("Scenario A:", exact=False).first).to_be_visible()
    left, right = (box_of(card) for card in page.locator("[class*=st-key-verdict_]").all())
    assert left["y"] == right["y"]
    expect(page.locator("canvas td", has_text="only B").first).to_be_attached()
    page = visit(address, width=390, height=844)
    expect(page.get_by_role("listitem").filter(has_text="only B").first).to_be_visible()
    above, below = (box_of(card) for card in page.locator("[class*=st-key-verdict_]").all())
    assert below["y"] >= above["y"] + above["height"]


def test_the_schema_is_searched_while_typing(visit: Visit) -> None:
    page = visit("/schema")
    page.get_by_role("searchbox", name="Search tables and columns").press_sequentially("bounced", delay=30)
    expect(page.get_by_role("heading", name="1 of")).to_be_visible()
    _open_first_row(page, "Tables")
    expect(page.get_by_role("heading", name="public.email_suppressions")).to_be_visible()
    expect(page).to_have_url(re.compile("table=email_suppressions"))
    page.get_by_role("button", name="Dictionary").click()
    assert download(page, "CSV") == write_csv(frame_dictionary())


def test_the_picture_of_the_schema_is_zoomed_and_moved(visit: Visit) -> None:
    page = visit("/schema")
    image = page.locator(".frame img")
    expect(image).to_be_visible()
    whole = box_of(image)
    page.get_by_role("button", name="Zoom in").click()
    assert box_of(image)["width"] > whole["width"]
    frame = page.get_by_role("group", name="Picture")
    frame.focus()
    before = box_of(image)
    page.keyboard.press("ArrowRight")
    assert box_of(image)["x"] < before["x"]
    page.get_by_role("button", name="Show all of it").click()
    assert box_of(image) == whole


def test_chapters_get_their_state_from_the_database(visit: Visit) -> None:
    page = visit("/chapters")
    expect(page.get_by_role("heading", name=re.compile("^16\\."))).to_be_visible(timeout=60_000)
    assert "The check cannot run" not in page.locator("[data-testid=stMain]").inner_text()
    page.get_by_text(re.compile(r"^\d+ hold$")).click()
    expect(page.get_by_text(re.compile(r"^1\. What must live"))).to_be_visible()
    expect(page.get_by_role("heading", name=re.compile("^12\\."))).to_contain_text("unknown")
    expect(page.get_by_text("Starting the database")).to_have_count(0)


@pytest.mark.sample(every=4)
@pytest.mark.parametrize(
    "address",
    [
        *PAGES,
        "/tour?step=delivery",
        "/tour?step=deletion",
        "/schema?table=share_cards",
        "/?channel=gift&channel=email&view=Risks",
        "/?channel=pdf&view=Flow",
        "/?view=SQL&compare=on&b_layer=shop",
    ],
)
def test_nothing_sticks_out_on_a_phone(visit: Visit, address: str) -> None:
    page = visit(address, width=390, height=844)
    page.wait_for_function(  # the drawer slides away first
        """[document.documentElement, document.querySelector('[data-testid=stMain]'),
            ...document.querySelectorAll('[data-testid=stTable] :not(:is(span, p, code))')]
           .every(e => e.scrollWidth <= e.clientWidth + 1)"""
    )


def test_everything_can_be_reached_by_keyboard(visit: Visit) -> None:
    page = visit("/?channel=email")
    seen: set[str] = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.add(page.evaluate("document.activeElement.innerText || document.activeElement.ariaLabel || ''"))
    for words in ("Schema", "Export", "Add the E-mail consent", "or leave out E-mail", "Needs"):
        assert any(words in text for text in seen), words
    page.get_by_role("button", name="Add the E-mail consent").focus()
    page.keyboard.press("Enter")
    wait_for_verdict(page, "Ready")


def test_a_broken_wall_is_found_and_its_link_opens_the_repair(browser: Browser, tmp_path: Path) -> None:
    """Ready; then somebody breaks the database; run again; open the finding, and its link in a fresh window."""
    with serve_app(tmp_path) as url:
        page = browser.new_page()
        page.goto(f"{url}/readiness")
        expect(page.locator("[class*=st-key-verdict_] h2")).to_contain_text("Ready", timeout=90_000)
        _break_wall(tmp_path)
        page.get_by_role("button", name="Run the check").click()
        wait_for_verdict(page, "Not ready")
        assert find_faults_in_both(page) == []
        expect(page.get_by_role("button", name=f"{STRAYS} undeclared tables and views")).to_be_visible()
        row = page.get_by_role("button", name=re.compile("Row-level security is not forced"))
        row.focus()
        page.keyboard.press("Enter")
        expect(page).to_have_url(re.compile("finding=row_security.*oracle_scrolls"))
        expect(row).to_be_focused()
        page.go_back()
        expect(page).not_to_have_url(re.compile("finding="))
        settle(page)
        row.click()
        expect(page).to_have_url(re.compile("finding=row_security.*oracle_scrolls"))
        other = browser.new_page()
        other.goto(page.url)
        expect(other.get_by_role("heading", name="Repair")).to_be_visible()
        expect(other.locator("[data-testid=stCode]").last).to_contain_text("force row level security")
        expect(
            other.locator("[class*=st-key-repair]").first.get_by_role("button", name="Copy to clipboard")
        ).to_be_visible()
        assert find_faults_in_both(other) == []
        other.get_by_text("History", exact=True).click()
        expect(other.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
        expect(other.get_by_text("The newest of 2 checks found")).to_be_visible()
        assert find_faults_in_both(other) == []
        other.set_viewport_size({"width": 390, "height": 844})
        settle(other)
        assert find_overflow(other) == []
        for opened in (page, other):
            opened.close()


def _open_first_row(page: Page, table: str) -> None:
    """Click the button in the first row of a grid, which draws it on a canvas."""
    grid = page.get_by_role("region", name=table)
    grid.scroll_into_view_if_needed()
    box = box_of(grid.locator("canvas").first)
    page.mouse.click(box["x"] + 35, box["y"] + 60)


def find_overflow(page: Page) -> list[str]:
    """Return what sticks out of the window to the right."""
    found: list[str] = page.evaluate(
        """[...document.querySelectorAll('[data-testid=stMain] *')]
           .filter(e => e.getBoundingClientRect().right > innerWidth + 1 && e.getBoundingClientRect().width)
           .map(e => e.dataset.testid || e.className || e.tagName).map(String)"""
    )
    return found


def _break_wall(home: Path) -> None:
    server = start_embedded(home / "postgres-18")
    try:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("alter table public.oracle_scrolls no force row level security")
            for number in range(STRAYS):
                connection.execute(f"create table public.stray_{number} (id integer)".encode())
    finally:
        server.stop()


def test_a_table_is_a_grid_on_a_wide_screen_and_cards_on_a_phone(visit: Visit) -> None:
    address = "/schema?table=share_cards"
    page = visit(address)
    grid = page.get_by_role("region", name="Columns")
    expect(grid).to_be_visible()
    expect(page.locator(".st-key-narrow-columns")).to_be_hidden()
    expect(grid.locator("canvas [role=grid] th", has_text="Privacy class")).to_be_attached()
    page = visit(address, width=390, height=844)
    expect(page.get_by_role("region", name="Columns")).to_be_hidden()
    expect(page.locator(".st-key-narrow-columns")).to_contain_text("Last part of the card's link")


def test_a_table_is_exported_as_csv_and_as_parquet(visit: Visit) -> None:
    page = visit("/schema?table=share_cards")
    page.get_by_role("button", name="Export").first.click()
    assert download(page, "CSV") == write_csv(frame_columns(RULES.table("share_cards")))
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Parquet", exact=True).click()
    columns = pd.read_parquet(waiting.value.path())
    assert list(columns["Column"]) == [column.name for column in RULES.table("share_cards").columns]


def test_the_grid_s_own_export_holds_no_formula(browser: Browser, tmp_path: Path) -> None:
    page_file = tmp_path / "page.py"
    page_file.write_text(
        "from lab.ui.kit.tables import draw_table, make_frame\n"
        "from lab.ui.kit.url_widgets import PageMemory\n"
        "import streamlit as st\n"
        "st.title('Trial')\n"
        "draw_table(PageMemory('trial'), 'Trial', make_frame(('A',), [('=1+1',)]), empty='')\n"
    )
    with serve_app(tmp_path, script=page_file) as url:
        page = browser.new_page()
        page.add_init_script("delete window.showSaveFilePicker")  # or else a dialog of the system opens
        page.goto(url)
        settle(page)
        with page.expect_download() as waiting:
            page.get_by_role("button", name="Download as CSV").dispatch_event("click")
        assert Path(waiting.value.path()).read_text(encoding="utf-8-sig").splitlines() == ["A", "'=1+1"]
        page.close()
