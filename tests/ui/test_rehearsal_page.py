"""The rehearsal page: failures in words, a click that forks, a planted bug, what cannot be played, and a phone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from fixtures.served_app import settle
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.outage.outages import OUTAGES
from lab.rehearsal.story.story import Step
from lab.ui.rehearsal import fields
from lab.ui.rehearsal.chart import FAULT, draw_chart, frame_steps
from lab.ui.rehearsal.hunting import frame_bugs, write_changes
from lab.ui.rehearsal.story import find_current

Visit = Callable[..., Page]
STEPS = (
    Step(number=1, lane="Buyer", title="Open"),
    Step(number=4, lane="Worker", title="Send", point="send/email.email/1/after", where="mail"),
    Step(number=5, lane="E-mail provider", title="Lost", fault="mail_lost"),
    Step(number=9, lane="Server", title="Everything has come to rest"),
)


def open_story(visit: Visit, query: str, **more: Any) -> Page:
    """Open the page, and wait until the purchase was played."""
    page = visit(f"/rehearsal?{query}", **more)
    expect(page.get_by_text("tells the same story")).to_be_visible(timeout=60_000)
    return page


def read_page(page: Page) -> str:
    return page.locator("body").inner_text()


def test_a_failure_in_words_a_bug_and_a_link(visit: Visit) -> None:
    page = open_story(visit, "outage=mail_answer_lost")
    assert "The purchase survives" in read_page(page)
    assert "Your reading is ready" in page.content()
    page = open_story(visit, "outage=killed_after_sending&bug=blind_repeats")
    assert "Something is wrong in the end" in read_page(page)
    assert "No message reaches its person twice." in read_page(page)
    page = open_story(visit, "outage=words&words=mail+provider+gone+for+40+minutes,+refunds+meanwhile")
    assert "the first three attempts" in read_page(page)
    assert "The payment is refunded" in read_page(page)
    page.get_by_role("button", name="Forecast: the e-mail provider is gone for 40 minutes").click()
    expect(page.get_by_text("The backlog is gone").first).to_be_visible()


def test_a_click_forks_there_and_the_keys_step(visit: Visit) -> None:
    page = open_story(visit, "outage=none")
    mark = page.get_by_label(re.compile("Write the file, done"))
    mark.first.click()
    expect(page.get_by_text("At the fault", exact=True)).to_be_visible()
    settle(page)
    assert "at=crash%40put%2Fpdf.account%2F1%2Fafter" in page.url
    step = re.search(r"step=(\d+)", page.url)
    assert step
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("Worker: The process is killed").first).to_be_visible()
    page.get_by_text("The story in words").click()
    expect(page.get_by_text("Pdf job, account leg is killed").first).to_be_visible()
    page.get_by_role("button", name="The process is killed (put").click()
    expect(page.get_by_text("At the fault", exact=True)).to_be_hidden()


def test_a_planted_bug_is_caught_shrunk_and_explained(visit: Visit) -> None:
    page = visit("/rehearsal?show=hunt&bug=no_receipt")
    page.get_by_role("button", name="Plant and hunt").click()
    expect(page.get_by_text("Caught in play")).to_be_visible(timeout=90_000)
    assert "A paid purchase has a job for everything that was bought. (delivered)" in read_page(page)
    page.get_by_role("button", name="See it happen").click()
    expect(page.get_by_text("Something is wrong in the end")).to_be_visible()
    assert "--plant no_receipt" in read_page(page)


def test_the_table_of_bugs_says_what_catches_each() -> None:
    frame = frame_bugs()
    assert list(frame["Bug"]) == [bug.title for bug in BUGS]
    assert set(frame["Caught by"]) == {"Promise", "Invariant"}
    assert all(frame["What does not hold"])
    changes = {bug.id: list(write_changes(bug)) for bug in BUGS}
    assert all(any(line.startswith("+ ") for line in lines) for lines in changes.values())
    assert all(any(line.startswith("- ") for line in lines) for lines in changes.values())


def test_an_outage_is_forecast_and_rehearsed(visit: Visit) -> None:
    page = visit("/rehearsal?show=forecast&gone=disk_full&minutes=20")
    expect(page.get_by_text("The disk for files is full for 20 minutes")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("The backlog is gone").first).to_be_visible()
    page.get_by_role("button", name="Rehearse this outage").click()
    expect(page.get_by_text("12 orders, forecast and rehearsed")).to_be_visible(timeout=90_000)
    page = visit("/rehearsal?show=forecast&minutes=1440&orders=2000")
    expect(page.get_by_text("a forecast has at most 5,000")).to_be_visible()


def test_what_names_no_order_is_in_no_link(visit: Visit) -> None:
    page = visit("/rehearsal?show=order&order=buyer%40example.test")
    expect(page.get_by_text(re.compile("It is no purchase.s id"))).to_be_visible()
    assert "example.test" not in page.url + read_page(page)


def test_a_real_order_is_rehearsed(visit: Visit) -> None:
    page = visit("/rehearsal?show=order&order=1")
    page.get_by_role("button", name="Rehearse this order").click()
    expect(page.get_by_text(re.compile(r"This order.s path survives \d+ of \d+ failures"))).to_be_visible(
        timeout=90_000
    )
    settle(page)
    assert "checkout.session.completed" in page.content()
    page.get_by_role("button", name="See this path as a story").click()
    expect(page.get_by_text("An event does not arrive").first).to_be_visible()


@pytest.mark.parametrize(
    "query",
    ["outage=none&at=crash%40nowhere", "outage=drawn&seed=nonsense", "outage=words&words=frobnicate",
     f"outage=none&at={'+'.join(['crash%40a/b/1/after'] * 9)}"],
)  # fmt: skip
def test_what_cannot_be_played_says_why(visit: Visit, query: str) -> None:
    page = visit(f"/rehearsal?{query}")
    expect(page.get_by_text("This cannot be played")).to_be_visible(timeout=60_000)


def test_each_part_keeps_what_was_chosen_in_the_others(visit: Visit) -> None:
    page = open_story(visit, "outage=disk_full&at=crash%40begin_send%2Freceipt.email%2F1%2Fafter&step=7")
    began = page.url
    for part in ("An outage", "Planted bugs", "One purchase"):
        page.get_by_role("radio", name=part, exact=True).click()
        settle(page)
        expect(page.get_by_role("radio", name=part, exact=True)).to_be_checked()
    assert page.url == began
    page.reload()
    expect(page.get_by_text("At the fault", exact=True)).to_be_visible(timeout=60_000)


def test_on_a_phone(visit: Visit) -> None:
    page = open_story(visit, "outage=disk_full", width=390)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_every_failure_and_every_bug_can_be_picked() -> None:
    assert set(fields.TITLES) == {*(one.id for one in OUTAGES), fields.DRAWN, fields.WORDS}
    assert set(fields.PLANTED) == {*(bug.id for bug in BUGS), fields.NO_BUG}


@pytest.mark.parametrize(("number", "place"), [("", 2), ("0", 0), ("4", 1), ("8", 2), ("99", 3), ("x", 2), ("²", 2)])
def test_the_step_of_an_address(number: str, place: int) -> None:
    assert find_current(STEPS, number) == place


def test_the_picture_has_a_mark_for_each_step() -> None:
    frame = frame_steps(STEPS)
    assert list(frame["kind"]) == ["A process ends", "Nothing changes", FAULT, "Nothing changes"]
    told = draw_chart(frame, 4, "light")
    assert [layer["mark"]["type"] for layer in told["layer"]] == ["line", "rule", "point"]
    assert list(told["datasets"]["here"]["place"]) == [2]
