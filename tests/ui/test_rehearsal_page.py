"""The rehearsal page: failures in words, a planted bug, what cannot be played, and a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.outages import OUTAGES
from lab.ui.rehearsal import parts

Visit = Callable[..., Page]


def open_story(visit: Visit, query: str, **more: Any) -> Page:
    """Open the page, and wait until the purchase was played."""
    page = visit(f"/rehearsal?{query}", **more)
    expect(page.get_by_text("tells the same story")).to_be_visible(timeout=60_000)
    return page


def test_a_failure_in_words_a_bug_and_a_link(visit: Visit) -> None:
    page = open_story(visit, "outage=mail_answer_lost")
    assert "The purchase survives" in page.locator("body").inner_text()
    assert "Your reading is ready" in page.content()
    page = open_story(visit, "outage=killed_after_sending&bug=blind_repeats")
    assert "Something is wrong in the end" in page.locator("body").inner_text()
    assert "No message reaches its person twice." in page.locator("body").inner_text()


@pytest.mark.parametrize("query", ["outage=none&fault=crash&at=nowhere", "outage=drawn&seed=nonsense"])
def test_what_cannot_be_played_says_why(visit: Visit, query: str) -> None:
    page = visit(f"/rehearsal?{query}")
    expect(page.get_by_text("This cannot be played")).to_be_visible(timeout=60_000)


def test_on_a_phone(visit: Visit) -> None:
    page = open_story(visit, "outage=disk_full", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_failure_and_every_bug_can_be_picked() -> None:
    assert set(parts.TITLES) == {*(one.id for one in OUTAGES), parts.DRAWN}
    assert set(parts.PLANTED) == {*(bug.id for bug in BUGS), parts.NO_BUG}
