"""Generated walks in a browser: by the menu, picks, Back, Forward and reloads; each page keeps its own state."""

import contextlib
import random
from collections.abc import Callable, Iterator
from functools import partial
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, expect

from fixtures.served_app import settle
from lab.ui.navigation import SECTIONS

Query = dict[str, list[str]]
ENTRIES = {entry.address: entry for entries in SECTIONS.values() for entry in entries}
# What can be picked with one click on each page, or typed into its search, and the address that says it.
PICKS: dict[str, dict[str, Query]] = {
    "lab": {
        "Needs": {},
        "Risks": {"layer": ["artifacts"], "view": ["Risks"]},
        "SQL": {"layer": ["artifacts"], "view": ["SQL"]},
    },
    "schema": {"": {}, "email": {"q": ["email"]}, "seal": {"q": ["seal"]}},
    "chapters": {
        "All": {},
        "Broken": {"target": ["embedded"], "state": ["broken"]},
        "Unknown": {"target": ["embedded"], "state": ["unknown"]},
    },
    "rehearsal": {
        "One purchase": {},
        "An outage": {"outage": ["none"], "show": ["forecast"]},
        "Planted bugs": {"outage": ["none"], "show": ["hunt"]},
    },
    "readiness": {"Findings": {}, "History": {"target": ["embedded"], "show": ["History"]}},
    "access": {"Tables": {}, "Functions": {"target": ["embedded"], "kind": ["function"]}},
    "payments": {"Purchases": {}, "Events": {"target": ["embedded"], "show": ["events"]}},
    "deliveries": {"": {}},
}
STEPS = 12


class Walk:
    """What a browser's history and an app that keeps each page's state hold; a reload forgets the other pages."""

    def __init__(self) -> None:
        self.entries, self.at = [("lab", "Needs")], 0
        self.kept: dict[str, str] = {}

    @property
    def now(self) -> tuple[str, str]:
        """Return the page that is open, and what is picked on it."""
        return self.entries[self.at]

    def open(self, page: str, pick: str) -> None:
        """Add an entry to the history, unless it is the one that is open."""
        if (page, pick) != self.now:
            self.entries[self.at + 1 :] = [(page, pick)]
            self.at += 1
        self.kept[page] = pick

    def take(self, step: str) -> None:
        """Follow a step: a page of the menu, a pick, `back`, `forward` or `reload`."""
        page, _ = self.now
        if step in PICKS:
            self.open(step, self.kept.get(step, next(iter(PICKS[step]))))
        elif step in PICKS[page]:
            self.open(page, step)
        elif step == "reload":
            self.kept = dict([self.now])
        else:
            self.at += 1 if step == "forward" else -1
            self.kept.update([self.now])


def make_walk(seed: int) -> Iterator[tuple[str, tuple[str, str]]]:
    """Draw steps that can be taken; yield each with the page and the pick that it leads to."""
    dice, walk = random.Random(seed), Walk()
    for _ in range(STEPS):
        back, forward = walk.at > 0, walk.at + 1 < len(walk.entries)
        moves = ["reload", *["back"] * 3 * back, *["forward"] * 2 * forward]
        step = dice.choice([dice.choice(list(PICKS)), dice.choice(list(PICKS[walk.now[0]])), dice.choice(moves)])
        walk.take(step)
        yield step, walk.now


def test_a_walk_comes_back_to_what_was_picked() -> None:
    """The model itself: Back undoes a pick, and the menu leads to a page's last one."""
    walk = Walk()
    for step in ("Risks", "schema", "email", "lab"):
        walk.take(step)
    assert (walk.now, len(walk.entries)) == (("lab", "Risks"), 5)
    for step in ("back", "back", "lab", "back", "reload", "chapters", "schema"):
        walk.take(step)
    assert walk.entries == [("lab", "Needs"), ("lab", "Risks"), ("schema", ""), ("chapters", "All"), ("schema", "")]


@pytest.mark.sample(every=40)
@pytest.mark.parametrize("seed", range(40))
def test_a_generated_walk_keeps_each_page_s_own_state(visit: Callable[..., Page], seed: int) -> None:
    """Each step leads to the page and the pick that its entry in the history, or the page itself, held last.

    One walk; `--whole` takes forty.
    """
    page, taken = visit("/"), list[str]()
    for step, (name, pick) in make_walk(seed):
        take_step(page, step)
        taken.append(step)
        wanted = (name, PICKS[name][pick])
        with contextlib.suppress(PlaywrightError):  # a busy machine answers late; what is there at the end counts
            page.wait_for_url(partial(is_place, wanted))
        settle(page)
        assert read_place(page.url) == wanted, taken
        expect(page.locator("h1").first).to_have_text(ENTRIES[name].heading or ENTRIES[name].title)
        expect_pick(page, name, pick)
        body = page.locator("body").inner_text()
        assert [word for word in ("Error", "Page not found", "in the link.") if word in body] == [], taken


def take_step(page: Page, step: str) -> None:
    """Take one step in the browser."""
    name, _ = read_place(page.url)
    if step in ENTRIES:
        page.get_by_test_id("stSidebar").get_by_role("link", name=ENTRIES[step].title, exact=True).click()
    elif name == "schema" and step in PICKS[name]:
        page.get_by_label("Search tables and columns").fill(step)
    elif step in PICKS[name] and step:  # on a page without a choice there is nothing to click
        page.get_by_role("radio", name=step, exact=True).click()
    elif step == "reload":
        page.reload()
    elif step:
        page.go_back() if step == "back" else page.go_forward()
    page.mouse.move(900, 700)  # or else the help of a link would lie on another


def read_place(url: str) -> tuple[str, Query]:
    """Return the page that an address names, and its choices."""
    return urlsplit(url).path.strip("/") or "lab", parse_qs(urlsplit(url).query)


def is_place(wanted: tuple[str, Query], url: str) -> bool:
    return read_place(url) == wanted


def expect_pick(page: Page, name: str, pick: str) -> None:
    """Wait until the page shows what is picked."""
    if name == "schema":
        expect(page.get_by_label("Search tables and columns")).to_have_value(pick)
    elif pick:
        expect(page.get_by_role("radio", name=pick, exact=True)).to_be_checked()
