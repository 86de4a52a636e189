"""Parts of pages that are drawn anew alone: what a click sends, and that the page around stays right."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, WebSocket, expect
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from fixtures.served_app import settle

Visit = Callable[..., Page]
Click = Callable[[Page], None]


def choose(name: str) -> Click:
    """Choose one of a row of choices."""
    return lambda page: page.get_by_text(name, exact=True).first.click()


def press(name: str) -> Click:
    """Press a button, whose name may be followed by its key on the keyboard."""
    return lambda page: page.get_by_role("button", name=re.compile(f"^{name}")).first.click()


def search(page: Page) -> None:
    page.get_by_label("Search tables and columns").fill("seal")


CLICKS: dict[str, tuple[str, Click, str]] = {
    "a view of the Lab": ("/?channel=gift", choose("Risks"), "view=Risks"),
    "the next step of the tour": ("/tour", press("Next"), "step="),
    "a search": ("/schema", search, "q=seal"),
    "the next step of a rehearsal": ("/rehearsal?outage=none", press("Next"), "step="),
    "the history of checks": ("/readiness", choose("History"), "show=History"),
    "another list of payments": ("/payments", choose("Links"), "show=links"),
    "an outage": ("/rehearsal?show=forecast", press("Rehearse this outage"), "show=forecast"),
}


@pytest.fixture
def sent() -> list[ForwardMsg]:
    """Return what the server sends, from the next page on."""
    return []


def listen(page: Page, sent: list[ForwardMsg]) -> None:
    """Keep what a page's server sends it from now on."""

    def keep(data: str | bytes) -> None:
        if isinstance(data, bytes):
            sent.append(ForwardMsg.FromString(data))

    def follow(socket: WebSocket) -> None:
        socket.on("framereceived", keep)

    page.on("websocket", follow)
    page.reload()
    settle(page)


@pytest.mark.parametrize(("address", "click", "told"), CLICKS.values(), ids=CLICKS)
def test_a_click_sends_its_part_alone_and_the_address_follows(
    visit: Visit, address: str, click: Click, told: str, sent: list[ForwardMsg]
) -> None:
    page = visit(address)
    listen(page, sent)
    sent.clear()
    click(page)
    expect(page).to_have_url(re.compile(re.escape(told)))
    settle(page)
    drawn = [message.delta for message in sent if message.WhichOneof("type") == "delta"]
    assert drawn
    assert all(delta.fragment_id for delta in drawn)


def test_a_copied_link_and_the_way_back_know_what_a_part_chose(visit: Visit, profile: BrowserContext) -> None:
    profile.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit("/?channel=gift")
    choose("Risks")(page)
    expect(page).to_have_url(re.compile("view=Risks"))
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == page.url
    page.go_back()
    expect(page.get_by_text("tables").first).to_be_visible()
    expect(page).not_to_have_url(re.compile("view="))


def test_the_link_of_a_page_without_choices_names_its_layer(visit: Visit, profile: BrowserContext) -> None:
    profile.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit("/")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("button", name="Link copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()").endswith("/?layer=artifacts")


def test_a_click_in_a_part_takes_the_notice_away(visit: Visit) -> None:
    page = visit("/?layer=temple")
    expect(page.get_by_role("alert").first).to_contain_text("layer “temple”")
    choose("Risks")(page)
    expect(page.get_by_role("alert").filter(has_text="temple")).to_have_count(0)


def test_a_fault_from_a_part_of_a_rehearsal_is_played(visit: Visit) -> None:
    page = visit("/rehearsal?outage=none")
    expect(page.get_by_text("tells the same story")).to_be_visible(timeout=60_000)
    press("Crash here")(page)
    expect(page.get_by_text("At the fault", exact=True)).to_be_visible()
