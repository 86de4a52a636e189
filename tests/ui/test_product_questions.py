"""The five questions of a product manager, each answered within two clicks."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, Locator, Page, expect

from lab.plan.make import Verdict
from lab.plan.matrix import make_matrix
from lab.ui.kit.titles import CHANNEL_TITLES, LAYER_TITLES
from tests.ui.test_accessibility import find_faults_in_both
from tests.ui.test_browser import pick, wait_for_verdict

Visit = Callable[..., Page]


def cell(page: Page, layer: str, channel: str) -> Locator:
    return page.locator(f'[data-pick="{layer} {channel}"]')


def test_which_consent_do_i_need_to_sell_artifacts_by_e_mail(visit: Visit) -> None:
    page = visit("/")
    sold = cell(page, "artifacts", "email")
    expect(sold).to_have_accessible_name("Artifacts, E-mail: needs E-mail; missing: E-mail")
    sold.click()
    wait_for_verdict(page, "Missing consent")
    expect(page.locator("[class*=st-key-verdict_]")).to_contain_text("E-mail consent email_delivery is missing")
    expect(page.get_by_role("button", name="Add the E-mail consent")).to_be_visible()
    expect(cell(page, "artifacts", "email")).to_be_focused()
    assert page.url.endswith("/?layer=artifacts&channel=email")


def test_what_changes_if_i_add_a_public_share(visit: Visit) -> None:
    page = visit("/?channel=email&consent=email_delivery")
    pick(page, "Delivery channels", "Share-card")
    change = page.get_by_test_id("stCaptionContainer").filter(has_text="Last change:")
    expect(change).to_contain_text("ready → missing consent. + Public share-card consent public_share")
    expect(change).to_contain_text("+ Share-cards table share_cards")
    assert find_faults_in_both(page) == []


def test_how_do_these_two_differ(visit: Visit) -> None:
    page = visit("/?channel=pdf")
    page.get_by_text("Compare two scenarios").click()
    expect(page.locator(".st-key-differences")).to_contain_text("Nothing. Both scenarios need the same.")
    page.get_by_role("toolbar", name="Delivery channels").last.get_by_role("button", name="Gift", exact=True).click()
    differs = page.locator(".st-key-differences")
    expect(differs).to_contain_text("Gift recipients gift_recipients")
    expect(differs).to_contain_text("Missing consent: E-mail email_delivery, Gift recipient gift_recipient")


def test_may_i_send_this_link_to_somebody(visit: Visit, profile: BrowserContext) -> None:
    profile.grant_permissions(["clipboard-read", "clipboard-write"])
    page = visit("/?layer=council&channel=pdf&what_if=minor")
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_role("status").filter(has_text="It holds the choices on this page")).to_contain_text(
        "and nothing about a person."
    )
    assert page.evaluate("navigator.clipboard.readText()") == page.url


def test_which_combinations_exist_at_all(visit: Visit) -> None:
    page = visit("/")
    for row in make_matrix():
        for one in row:
            seen = cell(page, one.scenario.layer, one.channel).get_attribute("aria-label") or ""
            title = CHANNEL_TITLES.get(one.channel, "no channel")
            assert seen.startswith(f"{LAYER_TITLES[one.scenario.layer]}, {title}: ")
            assert seen.endswith("not offered") == (one.verdict is Verdict.NOT_OFFERED)
    expect(cell(page, "artifacts", "")).to_have_accessible_name(
        "Artifacts, no channel: ready, needs no consent, the golden case"
    )


def test_back_undoes_what_a_cell_opened(visit: Visit) -> None:
    page = visit("/?layer=scroll")
    cell(page, "stripe", "receipt").click()
    expect(page.get_by_text("Stripe, through Receipt, with no consent")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Scroll, through no channel, with no consent")).to_be_visible()


def test_on_a_phone_the_inputs_and_the_matrix_stand_on_the_page(visit: Visit) -> None:
    page = visit("/", width=390, height=844)
    right = page.locator(".st-key-matrix a").last.bounding_box()
    assert right
    assert right["x"] + right["width"] <= 390
    assert right["height"] >= 24
    pick(page, "Consents given", "E-mail")
    pick(page, "Delivery channels", "E-mail")
    wait_for_verdict(page, "Ready")


def test_a_scenario_is_saved_by_name_and_opened_again(visit: Visit) -> None:
    page = visit("/?layer=passport&channel=pdf&what_if=minor&compare=on&b_layer=shop&view=Risks")
    query = page.url.partition("?")[2]
    page.get_by_role("button", name="Saved").click()
    page.get_by_label("Name of this scenario").fill("Minor's *Passport*")
    page.get_by_label("Name of this scenario").press("Tab")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("Saved as Minor's *Passport*.")).to_be_visible()
    page = visit("/")
    page.get_by_role("button", name="Saved").click()
    page.get_by_role("button", name="Minor's *Passport*").click()
    expect(page).to_have_url(re.compile(re.escape(query)))
    expect(page.get_by_role("heading", name="What differs")).to_be_visible()
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_text("Deleted Minor's *Passport*.")).to_be_visible()
