"""Every page of the menu: it comes up calmly, and the keyboard reaches everything on it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect

from benchmarks.controls import find_controls
from fixtures.page_states import STATES, list_addresses
from fixtures.served_app import serve_app, settle
from lab.ui.navigation import SECTIONS

Visit = Callable[..., Page]
ENTRIES = {entry.address: entry for entries in SECTIONS.values() for entry in entries}
ENOUGH_SHIFT = 0.1  # Source: https://web.dev/articles/cls
MOST_STOPS = 260
READ_SHIFT = """new Promise((tell) => { let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => tell(sum), 200); })"""
# What has the focus, also inside of a component: its words, where it is, and whether its look says that it has it.
READ_FOCUS = """() => {
  let one = document.activeElement;
  while (one?.shadowRoot?.activeElement) one = one.shadowRoot.activeElement;
  if (!one || one === document.body) return null;
  window.stops ??= new Map();
  if (!window.stops.has(one)) window.stops.set(one, window.stops.size);
  const above = one.parentElement;
  const near = [one, above, above?.parentElement, one.nextElementSibling, one.firstElementChild].filter(Boolean);
  const edges = one.matches('input') ? [above, above.parentElement, above.parentElement.parentElement] : [];
  const shows = (style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0)
    || (style.boxShadow !== 'none' && style.boxShadow !== '');
  const marked = one.tagName === 'CANVAS'  // a grid, which draws its own mark around a cell
    || near.some((e) => [null, '::before', '::after'].some((part) => shows(getComputedStyle(e, part))))
    || edges.some((e) => getComputedStyle(e).borderTopColor === 'rgb(59, 76, 202)');  // in the accent
  const box = one.getBoundingClientRect();
  const words = (one.ariaLabel || one.innerText || one.value || one.closest('label')?.innerText || one.tagName).trim();
  return {stop: window.stops.get(one), grid: one.tagName === 'CANVAS', marked,
          words: words.replace(/\\s+/g, ' ').slice(-80),
          seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth};
}"""
# Each page at both widths, one after the other beginning with another, so that a sample has both widths.
DRAWN = [(page, width) for place, page in enumerate(STATES) for width in (1280, 390)[:: 1 - place % 2 * 2]]


@pytest.fixture(scope="module")
def checked(browser: Browser, lab_url: str) -> None:
    """Let every page read the database once: what a page shows meanwhile is replaced by what was read."""
    page = browser.new_page()
    for name in ("readiness", "chapters", "payments", "deliveries"):
        page.goto(f"{lab_url}/{name}")
        settle(page)
        expect(page.get_by_text("Starting the database")).to_have_count(0, timeout=90_000)
        expect(page.locator(".st-key-running")).to_have_count(0, timeout=60_000)
    page.close()


@pytest.mark.usefixtures("checked")
@pytest.mark.sample(every=5)
@pytest.mark.parametrize(("name", "width"), DRAWN, ids=[f"{name}-{width}" for name, width in DRAWN])
def test_nothing_jumps_nothing_fails_and_the_tab_has_its_page_s_name(
    browser: Browser, profile: BrowserContext, lab_url: str, name: str, width: int
) -> None:
    """With nothing in the browser's cache, and with everything in it"""
    fresh = browser.new_context()
    try:
        for context in (fresh, profile):
            come_up_calmly(context.new_page(), f"{lab_url}{list_addresses(name)[0]}", ENTRIES[name].title, width)
    finally:
        fresh.close()


@pytest.mark.parametrize(("name", "end"), [("chapters", "All proofs as a table"), ("access", "What each role reaches")])
def test_the_first_visit_of_all_does_not_jump_when_the_check_has_ended(
    browser: Browser, tmp_path: Path, name: str, end: str
) -> None:
    with serve_app(tmp_path) as url:
        page = browser.new_page(viewport={"width": 390, "height": 844})
        page.goto(f"{url}/{name}")
        expect(page.get_by_text(end).first).to_be_visible(timeout=120_000)
        settle(page)
        assert read_shift(page) <= ENOUGH_SHIFT
        page.close()


def come_up_calmly(page: Page, address: str, title: str, width: int) -> None:
    """Open a page, and see that nothing of it jumps and no request fails."""
    failed: list[str] = []

    def note(response: Response) -> None:
        failed.extend([response.url] if response.status >= 400 else [])

    page.on("response", note)
    page.on("requestfailed", lambda request: failed.append(request.url))
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(address)
    settle(page)
    assert read_shift(page) <= ENOUGH_SHIFT
    assert page.title() == f"{title} · Persistence lab"
    assert failed == []
    page.close()


def read_shift(page: Page) -> float:
    """Return how far the page has jumped, also by what came late."""
    page.wait_for_load_state("networkidle")
    shift: float = page.evaluate(READ_SHIFT)
    return shift


def read_focus(page: Page) -> dict[str, Any] | None:
    found: dict[str, Any] | None = page.evaluate(READ_FOCUS)
    return found


def tab_to(page: Page, words: str, *, key: str = "Tab") -> None:
    """Press Tab until what has these words has the focus."""
    passed = []
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        found = read_focus(page)
        if found and words in found["words"]:
            return
        passed.append(found and found["words"])
    raise AssertionError(f"{words} is not reached by {key}; passed {passed[:80]}")


@pytest.mark.sample(every=5)
@pytest.mark.parametrize("name", STATES)
def test_tab_goes_through_the_whole_page_without_a_trap(visit: Visit, name: str) -> None:
    """Every stop is in sight and looks focused, no stop comes twice, and after the last one the page is left."""
    page = visit(list_addresses(name)[0])
    stops = []
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        if not (found := read_focus(page)):
            break
        if not found["marked"]:  # its look may be fading in
            page.wait_for_timeout(300)
            found = read_focus(page) or found
        stops.append(found)
    assert found is None, f"after {MOST_STOPS} stops the page is not left: {stops[-1]}"
    once = [one["stop"] for one in stops if not one["grid"]]  # in a grid, Tab goes from cell to cell
    assert len(set(once)) == len(once)
    assert [one["words"] for one in stops if not one["seen"]] == []
    assert [one["words"] for one in stops if not one["marked"]] == []
    assert len(stops) > len(STATES)


def test_a_stakeholder_takes_the_tour_by_keyboard(visit: Visit) -> None:
    page = visit("/tour")
    expect(page.get_by_text("10 of 10 steps hold")).to_be_visible(timeout=60_000)
    tab_to(page, "Next")
    for step in ("payment", "gates", "consent", "delivery", "share", "passport", "withdrawal", "request", "deletion"):
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/tour?step={step}")
        settle(page)
    expect(page.get_by_role("heading", name="10. Deletion")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("heading", name="9. Request of deletion")).to_be_visible()
    settle(page)
    tab_to(page, "Start again", key="Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1. Question")).to_be_visible()


def test_a_product_manager_goes_from_a_cell_to_ready_by_keyboard(visit: Visit) -> None:
    page = visit("/")
    tab_to(page, "Artifacts, E-mail: needs E-mail; missing: E-mail")
    page.keyboard.press("Enter")
    expect(page.locator("[class*=st-key-verdict_] h2")).to_contain_text("Missing consent")
    settle(page)
    tab_to(page, "Add the E-mail consent")
    page.keyboard.press("Enter")
    expect(page.locator("[class*=st-key-verdict_] h2")).to_contain_text("Ready")


def test_an_operator_checks_and_decides_by_keyboard(visit: Visit) -> None:
    page = visit("/readiness")
    expect(page.locator("[class*=st-key-verdict_] h2")).to_contain_text("Ready", timeout=90_000)
    settle(page)
    tab_to(page, "Run the check")
    page.keyboard.press("Enter")
    expect(page.locator("[class*=st-key-verdict_] h2")).to_contain_text("Ready", timeout=90_000)
    settle(page)
    page = visit("/deliveries")
    tab_to(page, "Open the environment")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Open the environment?")).to_be_visible()
    settle(page)
    tab_to(page, "Keep as it is")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Open the environment?")).to_have_count(0)


def test_an_auditor_reads_a_proof_and_a_role_by_keyboard(visit: Visit) -> None:
    page = visit("/chapters")
    expect(page.get_by_text("9 hold")).to_be_visible(timeout=60_000)
    tab_to(page, "Proofs, rules and tables")
    page.keyboard.press("Enter")
    expect(page.locator("details[open]")).to_have_count(1)
    page = visit("/access")
    tab_to(page, "Who")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("who="))


def test_the_benchmark_of_clicks_finds_every_kind_of_control(visit: Visit) -> None:
    found = {control.name: control for control in find_controls(visit("/tour"))}
    assert {"Next", "Step: 2 Payment", "The SQL of this step", "Copy link"} <= set(found)
    assert {name for name, control in found.items() if control.starts_work} <= {"Start again"}
    kinds = {control.name: control.kind for control in find_controls(visit("/schema"))}
    assert kinds["Search tables and columns"] == "type"
    assert "choose" in kinds.values()
    assert any(control.starts_work for control in find_controls(visit("/readiness")))
