"""`lab demo --shop` delivers what was bought: the reading, the messages in the mailbox, and where their links lead."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.billing.test_demo_shop import Demo, running

LINK = re.compile(r"http://127\.0\.0\.1:\d+/[a-z]+/[0-9a-f]{64}")


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the command once, with a phone in the dark that runs no script, and buy a reading."""
    with running(tmp_path_factory.mktemp("deliveries")) as (process, places):
        context = browser.new_context(
            java_script_enabled=False, viewport={"width": 390, "height": 844}, color_scheme="dark"
        )
        demo = Demo(process, page=context.new_page(), **places)
        demo.buy("Scroll", "Pay 19.00 EUR")
        demo.sees("Unlocked")
        yield demo
        context.close()


@pytest.fixture
def bought(demo: Demo) -> str:
    """The page of the purchase, once everything is delivered."""
    if "thanks" not in demo.page.url:
        demo.activity()
        demo.page.get_by_role("link", name="Scroll").first.click()
    for _ in range(60):
        if demo.page.get_by_text("under way").count() == 0 and demo.page.get_by_text("delivered").count() >= 4:
            break
        demo.page.wait_for_timeout(500)
        demo.page.reload()
    assert demo.page.get_by_text("delivered").count() >= 4  # a card that was shared is one more
    return demo.page.url


def letters(demo: Demo, subject: str) -> str:
    """Open the newest message with a subject; its text."""
    demo.page.goto(demo.mailbox)
    demo.page.get_by_role("link", name=subject).first.click()
    return demo.page.locator("pre").inner_text()


def test_the_reading_is_a_file_of_its_buyer(demo: Demo, bought: str) -> None:
    link = demo.page.get_by_role("link", name="Your reading as a PDF").get_attribute("href") or ""
    answer = demo.page.request.get(demo.shop.rstrip("/") + link)
    assert answer.status == 200
    assert answer.body().startswith(b"%PDF-")
    assert answer.headers["cache-control"] == "no-store"
    other = link[:-4] + "0000"
    assert demo.page.request.get(demo.shop.rstrip("/") + other).status == 404
    paper = demo.page.request.get(demo.shop.rstrip("/") + link.replace("/files/", "/print/"))
    assert (paper.status, paper.headers["cache-control"]) == (200, "no-store")
    assert "Which door should I open next?" in paper.text()
    boxes = [box["x"] + box["width"] for one in demo.page.locator("main *").all() if (box := one.bounding_box())]
    assert max(boxes) <= 390


def test_a_message_leads_to_the_purchase_by_a_button(demo: Demo, bought: str) -> None:
    text = letters(demo, "Your reading is ready")
    assert "door" not in text
    link = next(link for link in LINK.findall(text) if "/r/" in link)
    demo.page.goto(link)
    demo.page.get_by_role("button", name="Open").click()
    assert demo.page.url == bought


def test_a_receipt_says_what_was_paid(demo: Demo, bought: str) -> None:
    assert "19.00" in letters(demo, "Your receipt")


def test_an_unknown_link_is_refused(demo: Demo) -> None:
    answer = demo.page.goto(f"{demo.shop}r/{'0' * 64}")
    assert answer
    assert answer.status == 404
    expect(demo.page.get_by_role("alert")).to_contain_text("This link is not valid")


def test_a_card_is_public_until_its_owner_stops_sharing(demo: Demo, bought: str) -> None:
    page, shop = demo.page, demo.shop.rstrip("/")
    page.get_by_label("Title").select_option("The Moon")
    page.get_by_role("button", name="Yes, share it").click()
    for _ in range(60):
        if page.get_by_role("img", name="Your share-card").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    link = page.get_by_role("link", name="the card").get_attribute("href") or ""
    picture = page.request.get(f"{shop}{link}.png")
    assert (picture.status, picture.headers["cache-control"]) == (200, "no-store")
    assert picture.body().startswith(b"\x89PNG")
    page.goto(shop + link)
    expect(page.get_by_role("heading", level=1)).to_have_text("The Moon")
    assert "door" not in page.content()
    page.goto(bought)
    page.get_by_role("button", name="Stop sharing").click()
    expect(page.get_by_role("button", name="Yes, share it")).to_be_visible()
    assert [page.request.get(f"{shop}{link}{end}").status for end in ("", ".png")] == [404, 404]
    typed: dict[str, str | float | bool] = {
        "session": bought.partition("session=")[2],
        "title": "Which door?",
        "line": "",
        "symbol": "",
        "palette": "",
    }
    assert page.request.post(f"{shop}/share", form=typed).status == 409


def test_one_click_stops_the_mail_and_the_next_receipt_waits(demo: Demo, bought: str) -> None:
    text = letters(demo, "Your receipt")
    link = next(link for link in LINK.findall(text) if "/stop/" in link)
    demo.page.goto(link)
    expect(demo.page.get_by_role("button", name="Stop e-mail")).to_be_visible()
    assert demo.page.request.post(link, form={"List-Unsubscribe": "One-Click"}).status == 200
    demo.buy("Scroll", "Pay 19.00 EUR")
    demo.sees("Unlocked")
    expect(demo.page.get_by_text("waits until e-mail is allowed")).to_be_visible()
