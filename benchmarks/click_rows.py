"""Measures one click three ways: on the page, on an empty page, and on a page with the same elements and no logic."""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from statistics import median

import psutil
from playwright.sync_api import BrowserContext, Page
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from benchmarks.controls import Control, click
from benchmarks.replay import QUERY

TITLE = "Click until settled"


@dataclass
class ClickRow:
    """The repeats of one click, in seconds; those of the server are seconds of its processor.

    Args:
        name: The page and the control.
        page: Until the page is settled.
        empty: The same for the toggle of an empty page, in turn.
        same: The same for the same elements without logic; empty where they cannot be replayed.
        server: Of the page.
        empty_server: Of the empty page.
        same_server: Of the same elements without logic.
    """

    name: str
    page: list[float] = field(default_factory=list)
    empty: list[float] = field(default_factory=list)
    same: list[float] = field(default_factory=list)
    server: list[float] = field(default_factory=list)
    empty_server: list[float] = field(default_factory=list)
    same_server: list[float] = field(default_factory=list)

    def ratio(self, floor: str) -> float | None:
        """Return the page's median divided by that of a floor, `empty` or `same`; none without one."""
        below = getattr(self, floor)
        return median(self.page) / median(below) if self.page and below and median(below) else None


class Clicker:
    """Clicks controls in one browser, each on the page as it opens.

    Args:
        context: Of the browser.
        url: Of the server.
        port: Of the server, which this process has started.
        open_page: Opens an address, and waits until it is settled.
    """

    def __init__(self, context: BrowserContext, url: str, port: int, open_page: Callable[[Page, str], None]) -> None:
        self._url, self._open = url, open_page
        self._server = next(one.pid for one in psutil.Process().children() if str(port) in one.cmdline())
        self._page, self._twin = context.new_page(), context.new_page()

    def measure(self, name: str, control: Control, address: str, toggle: Control, rounds: int) -> ClickRow:
        """Return the repeats of a click: all three ways in turn, so that other load affects them alike."""
        row = ClickRow(name)
        for _ in range(rounds):
            with suppress(PlaywrightTimeout):  # something lay over the control on a busy machine
                self._click_in_turn(row, control, address, toggle)
        return row

    def _click_in_turn(self, row: ClickRow, control: Control, address: str, toggle: Control) -> None:
        self._open(self._page, f"{self._url}/empty")
        self._click(self._page, toggle, row.empty, row.empty_server)
        self._open(self._page, address)
        began = time.time()
        self._click(self._page, control, row.page, row.server)
        if control.kind != "follow":  # a replay has no other page
            self._open(self._twin, f"{self._url}/?{QUERY}={began!r}")
            self._click(self._twin, control, row.same, row.same_server)

    def _click(self, page: Page, control: Control, seconds: list[float], server: list[float]) -> None:
        page.bring_to_front()
        before = _read_processor(self._server)
        taken = click(page, control)
        server.append(_read_processor(self._server) - before)
        seconds.append(taken)


def _read_processor(process: int) -> float:
    """Return the seconds of processor that a process has used, by its clock, which Linux has for every process."""
    return time.clock_gettime((~process << 3) | 2)


def report_clicks(rows: Sequence[ClickRow], as_json: bool, most: float, notes: Sequence[str]) -> None:
    """Print a row for each control, what is above the limit, and some notes."""
    if as_json:
        print(json.dumps({"title": TITLE, "rows": [asdict(row) for row in rows], "notes": list(notes)}, indent=2))
        return
    width = max((len(row.name) for row in rows), default=0)
    heads = ("page ms", "x empty", "x same", "server ms", "same ms", "empty ms")
    print(f"{TITLE}\n\n{'':{width}}  {'  '.join(f'{head:>9}' for head in heads)}")
    for row in rows:
        ratios = map(_say_times, (row.ratio("empty"), row.ratio("same")))
        server = map(_say_milliseconds, (row.server, row.same_server, row.empty_server))
        print(f"{row.name:{width}}  {'  '.join((_say_milliseconds(row.page), *ratios, *server))}")
    slow = [f"{row.name} {row.ratio('empty'):.2f}" for row in rows if (row.ratio("empty") or 0) > most]
    print(f"\nAbove {most:g} times the empty page: {'; '.join(slow) or 'nothing'}.", *notes, "", sep="\n")


def _say_milliseconds(seconds: Sequence[float]) -> str:
    return f"{median(seconds) * 1000:9.1f}" if seconds else f"{'-':>9}"


def _say_times(ratio: float | None) -> str:
    return f"{ratio:9.2f}" if ratio is not None else f"{'-':>9}"
