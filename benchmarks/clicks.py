"""Measures every control of every page in a browser, against the same clicks on an empty page in the same run.

Four things, each with its floor: a click until the page is settled, for every control (of controls that are alike, such
as the cells of the matrix, three), also against a page that draws the same elements without any logic, with the
processor time of the server; a page until its heading is drawn; how much its layout shifts; and twenty visitors
at once, without a browser. Buttons that start a check are listed, and not measured: they wait for a database.
`--only tour` measures one page.
"""

import os
import shutil
from argparse import Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain
from statistics import median
from threading import Barrier

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.app_server import open_session, rerun, serve_with_empty_page, wait_healthy
from benchmarks.click_rows import Clicker, ClickRow, report_clicks
from benchmarks.controls import MARK_TIMES, find_controls
from benchmarks.timing import Row, read_options, report, summarise
from fixtures.page_states import STATES, list_addresses
from fixtures.served_app import settle

CLICKS, HEADINGS, SHIFTS, PEOPLE = 1.5, 1.3, 0.1, 0.2
"""The limits: times the empty page's, times the empty page's, a sum of shifts, seconds."""
VISITORS = 20
EMPTY = """
import streamlit as st

st.title("Empty", anchor=False)
st.caption(f"{st.toggle('One control')}")
"""
READ_SHIFT = """() => new Promise((tell) => { let sum = 0;
  new PerformanceObserver((list) => { for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value; })
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => tell(sum), 200); })"""


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, only=list(STATES), rounds=3)
    pages = [options.only] if options.only else list(STATES)
    with serve_with_empty_page(EMPTY, records=True) as port, sync_playwright() as playwright:
        wait_healthy(port)
        found = os.environ.get("CHROMIUM") or shutil.which("chromium") or None
        browser, url = playwright.chromium.launch(executable_path=found), f"http://127.0.0.1:{port}"
        warm_up(browser, url)
        rows, notes = [*measure_headings(browser, url, pages, options.rounds)], list[str]()
        report("Heading", rows, options.json, _name_slow(rows, HEADINGS))
        context = browser.new_context(reduced_motion="reduce")
        context.add_init_script(MARK_TIMES)
        clicker = Clicker(context, url, port, _open)
        clicked = [*measure_clicks(clicker, context.new_page(), url, options, notes)]
        context.close()
        report_clicks(clicked, options.json, CLICKS, notes)
        shifts = measure_shifts(browser, url, pages)
        browser.close()
        report_shifts(shifts)
        report("Twenty at once", measure_people(port, pages, options.rounds), options.json)


def _name_slow(rows: Sequence[Row], most: float) -> list[str]:
    slow = [row for row in rows if (row.ratio or 0) > most]
    told = "; ".join(f"{row.name} {row.ratio:.2f}" for row in slow)
    return [f"Above {most:g} times the empty page: {told or 'nothing'}."]


def warm_up(browser: Browser, url: str) -> None:
    """Wait until the database has started, was checked once, and every page was drawn once."""
    page = browser.new_page()
    page.goto(f"{url}/readiness")
    page.locator("[class*=st-key-verdict_] h2").wait_for(timeout=120_000)
    for address in ("/empty", *chain.from_iterable(map(list_addresses, STATES))):
        _open(page, f"{url}{address}")
    page.close()


def measure_headings(browser: Browser, url: str, pages: Sequence[str], rounds: int) -> Iterator[Row]:
    """Yield how long each page takes from its request to its heading, with the scripts in the browser's cache."""
    context = browser.new_context()
    context.add_init_script(MARK_TIMES)
    addresses = {"empty page": "/empty"} | {page: list_addresses(page)[0] for page in pages}
    times: dict[str, list[float]] = {name: [] for name in addresses}
    for turn in range(rounds + 1):
        for name, address in addresses.items():
            page = context.new_page()
            page.goto(f"{url}{address}")
            page.locator("h1").first.wait_for()
            if turn:  # the first round fills the cache
                times[name].append(page.evaluate("window.times.heading") / 1000)
            page.close()
    context.close()
    floor = summarise("empty page", times.pop("empty page"))
    yield floor
    yield from (summarise(name, seconds, floor) for name, seconds in times.items())


def measure_clicks(clicker: Clicker, page: Page, url: str, options: Namespace, notes: list[str]) -> Iterator[ClickRow]:
    """Yield how long each control of each page takes from the click until the page is settled."""
    _open(page, f"{url}/empty")
    toggle = find_controls(page)[0]
    for name in [options.only] if options.only else list(STATES):
        address = f"{url}{list_addresses(name)[0]}"
        _open(page, address)
        for control in find_controls(page):
            if control.starts_work:
                notes.append(f"{name}, {control.name}: starts work, not measured.")
            else:
                yield clicker.measure(f"{name}, {control.name}", control, address, toggle, options.rounds)


def _open(page: Page, address: str) -> None:
    """Open a page; on a busy machine a request may be lost, and the page is opened once more."""
    page.goto(address)
    try:
        settle(page)
    except PlaywrightTimeout:
        page.goto(address)
        settle(page)


def measure_shifts(browser: Browser, url: str, pages: Sequence[str]) -> dict[str, dict[str, float]]:
    """Return the layout shift of every state of every page: wide and narrow, with a fresh and a warm cache."""
    found: dict[str, dict[str, float]] = {}
    for width in (1280, 390):
        for address in chain.from_iterable(map(list_addresses, pages)):
            context = browser.new_context(viewport={"width": width, "height": 844})
            for cache in ("fresh", "warm"):
                found.setdefault(address, {})[f"{width} {cache}"] = _read_shift(context, f"{url}{address}")
            context.close()
    return found


def _read_shift(context: BrowserContext, address: str) -> float:
    page = context.new_page()
    _open(page, address)
    shift = float(page.evaluate(READ_SHIFT))
    page.close()
    return shift


def report_shifts(found: dict[str, dict[str, float]]) -> None:
    """Print the layout shifts."""
    width = max(map(len, found))
    print(f"\nLayout shift, at most {SHIFTS:g}\n")
    print(f"{'':{width}}  " + "  ".join(f"{name:>10}" for name in next(iter(found.values()))))
    for address, shifts in found.items():
        print(f"{address:{width}}  " + "  ".join(f"{shift:10.3f}" for shift in shifts.values()))
    print()


def measure_people(port: int, pages: Sequence[str], rounds: int) -> list[Row]:
    """Return how long a run takes when twenty visitors click at the same moment, each on the next page."""
    empty = _measure_visits(port, ["/empty"], rounds)
    floor = summarise("empty page", empty)
    addresses = [*chain.from_iterable(map(list_addresses, pages))]
    seconds = _measure_visits(port, addresses, rounds)
    told = "" if median(seconds) <= PEOPLE else ", above the limit"
    return [floor, summarise(f"every page, at most {PEOPLE * 1000:.0f} ms in the middle{told}", seconds, floor)]


def _measure_visits(port: int, addresses: Sequence[str], rounds: int) -> list[float]:
    start = Barrier(VISITORS)

    def visit(number: int) -> list[float]:
        taken = []
        with open_session(port) as session:
            for turn in range(rounds + 1):
                path, _, query = addresses[(number + turn) % len(addresses)].lstrip("/").partition("?")
                start.wait()
                run = rerun(session, query, path)
                if turn:
                    taken.append(run.seconds)
        return taken

    with ThreadPoolExecutor(VISITORS) as crowd:
        return [*chain.from_iterable(crowd.map(visit, range(VISITORS)))]


if __name__ == "__main__":
    main()
