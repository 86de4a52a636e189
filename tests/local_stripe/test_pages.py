"""The Checkout page and the control page, as a browser sees them; and the control API."""

import html.parser
import json
import urllib.parse
import urllib.request
from typing import Any

import pytest

from lab.services.local_stripe import LocalStripe
from tests.local_stripe.receiver import Receiver
from tests.local_stripe.shop import Shop


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *arguments: Any) -> None:
        return None


def browse(url: str, *, send: bool = False, **form: str) -> tuple[int, str, str]:
    """Open a page, or send a form; return its status, its text and where it redirects to."""
    body = urllib.parse.urlencode(form).encode() if form or send else None
    request = urllib.request.Request(url, body, {"Accept": "text/html"})
    try:
        with urllib.request.build_opener(_Stay).open(request) as answer:
            return answer.status, answer.read().decode(), ""
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode(), error.headers.get("Location", "")


class Page(html.parser.HTMLParser):
    """Collects what a page has: each element with its attributes, and the words."""

    VOID = ("meta", "input", "link", "br")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == [], "every element is closed"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1] != "style":
            self.words.append(data.strip())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]


def test_the_page_says_what_it_is_and_what_is_sold(shop: Shop) -> None:
    session = shop.open(quantity=2, cancel_url="http://shop/cancel", customer_email="ada@shop.example")
    status, text, _ = browse(str(session.url))
    page = Page(text)
    words = " ".join(page.words)
    assert status == 200
    assert "Local Stripe. No money moves." in words
    assert "Sealed scroll \N{MULTIPLICATION SIGN} 2" in words
    assert "98.00 EUR" in words
    assert page.all("html") == [{"lang": "en"}]
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))
    assert [button["value"] for button in page.all("button")] == ["pay", "decline", "later"]
    assert [button["value"] for button in page.all("button") if button.get("class") == "main"] == ["pay"]
    (email,) = page.all("input")
    assert page.all("label") == [{"for": email["id"]}]
    assert email["value"] == "ada@shop.example"
    assert [link["href"] for link in page.all("a")] == ["http://shop/cancel"]
    assert page.all("script") == []


def test_the_buttons_are_the_ways_to_pay(shop: Shop) -> None:
    cards = Page(browse(str(shop.open(payment_method_types=["card"]).url))[1])
    banks = Page(browse(str(shop.open(payment_method_types=["sepa_debit"]).url))[1])
    coupon = shop.client.v1.coupons.create({"percent_off": 100})
    free = Page(browse(str(shop.open(discounts=[{"coupon": coupon.id}]).url))[1])
    shown = [[button["value"] for button in page.all("button")] for page in (cards, banks, free)]
    assert shown == [["pay", "decline"], ["later"], ["free"]]
    for page in (cards, banks, free):
        assert len([button for button in page.all("button") if button.get("class") == "main"]) == 1


def test_what_a_shop_writes_is_shown_and_never_run(shop: Shop) -> None:
    product = shop.client.v1.products.create({"name": "<script>alert(1)</script>"})
    price = shop.client.v1.prices.create({"product": product.id, "unit_amount": 1, "currency": "eur"})
    text = browse(str(shop.open(price, cancel_url='http://shop/"><b>').url))[1]
    assert Page(text).all("script") == []
    assert Page(text).all("b") == []
    assert "<script>alert(1)</script>" in Page(text).words


def test_paying_leads_back_to_the_shop(shop: Shop) -> None:
    session = shop.open()
    status, _, location = browse(str(session.url), choice="pay", email="ada@shop.example")
    assert (status, location) == (303, f"http://shop/{session.id}")
    paid = shop.read(session)
    assert paid.payment_status == "paid"
    assert paid.customer_details is not None
    assert paid.customer_details.email == "ada@shop.example"
    status, text, _ = browse(str(session.url))
    assert (status, "This order is complete" in Page(text).words) == (200, True)
    assert browse(str(session.url), choice="pay")[0] == 400


def test_a_declined_card_shows_it_and_keeps_what_was_typed(shop: Shop) -> None:
    session = shop.open()
    status, text, _ = browse(str(session.url), choice="decline", email="bob@shop.example")
    page = Page(text)
    assert (status, "Your card was declined." in page.words) == (402, True)
    assert [one["role"] for one in page.all("p") if one.get("class") == "error"] == ["alert"]
    assert page.all("input")[0]["value"] == "bob@shop.example"
    assert browse(str(session.url), choice="pay")[0] == 303
    assert shop.read(session).payment_status == "paid"


def test_paying_later_waits_for_the_bank(shop: Shop) -> None:
    session = shop.open()
    assert browse(str(session.url), choice="later")[0] == 303
    assert shop.read(session).payment_status == "unpaid"
    assert browse(f"{shop.local.url}/_local/settle/{session.id}", send=True)[2] == "/_local/"
    assert shop.read(session).payment_status == "paid"


def test_an_order_without_a_price_is_completed(shop: Shop) -> None:
    coupon = shop.client.v1.coupons.create({"percent_off": 100})
    session = shop.open(discounts=[{"coupon": coupon.id}])
    assert browse(str(session.url), choice="free")[0] == 303
    ended = shop.read(session)
    assert (ended.status, ended.payment_status, ended.payment_intent) == ("complete", "no_payment_required", None)


def test_wrong_addresses_and_choices_are_refused(shop: Shop) -> None:
    session = shop.open()
    assert browse(f"{shop.local.url}/c/pay/cs_test_none")[0] == 404
    assert browse(str(session.url), choice="free")[0] == 400
    assert browse(str(session.url), email="x")[0] == 400
    assert shop.read(session).status == "open"


def post(local: LocalStripe, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    text = json.dumps(body).encode()
    given = {"Content-Type": "application/json", **headers}
    try:
        with urllib.request.urlopen(urllib.request.Request(local.url + path, text, given)) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def test_another_sites_page_cannot_send_forms(shop: Shop) -> None:
    session = shop.open()
    for origin in ("https://evil.example", "null", f"{shop.local.url}.evil.example"):
        status, _ = post(shop.local, f"/_local/pay/{session.id}", {}, Origin=origin)
        assert (status, shop.read(session).status) == (403, "open")
    assert post(shop.local, f"/_local/pay/{session.id}", {}, Origin=shop.local.url)[0] == 200


def test_the_control_page_offers_what_each_state_allows(fresh: LocalStripe, receiver: Receiver) -> None:
    shop = Shop(fresh)
    fresh.client().v1.webhook_endpoints.create({"url": receiver.url, "enabled_events": ["charge.refunded"]})
    paid, waiting, opened = shop.pay(), shop.pay(method="pm_successDelayed_de"), shop.open()
    refund = shop.client.v1.refunds.create({"payment_intent": shop.intent_of(paid).id, "amount": 100})
    dispute = fresh.act("dispute", paid.id)
    kept = shop.take()
    assert fresh.wait_for_deliveries()
    page = Page(browse(f"{fresh.url}/_local/")[1])
    offered: dict[str, list[str]] = {}
    for button in page.all("button"):
        _, _, action, id = str(button["formaction"]).split("/")
        offered.setdefault(id, []).append(action)
        assert str(button["aria-label"]).endswith(id)
    (event,) = [id for id in offered if id.startswith("evt_")]
    assert offered[event] == ["resend"]
    assert offered[shop.intent_of(paid).id] == ["warn"]
    assert offered[kept.id] == ["refund", "dispute", "inquire", "warn"]
    assert offered[shop.intent_of(waiting).id] == ["settle", "fail"]
    assert offered[opened.id] == ["pay", "expire"]
    assert offered[refund.id] == ["fail_refund"]
    assert offered[dispute["id"]] == ["win", "lose"]
    for id, actions in offered.items():
        for action in actions[:1]:
            assert browse(f"{fresh.url}/_local/{action}/{id}", send=True)[0] == 303, (action, id)


def test_an_action_that_a_state_forbids_says_why(shop: Shop) -> None:
    session = shop.pay()
    status, text, _ = browse(f"{shop.local.url}/_local/settle/{session.id}", send=True)
    assert (status, "status of succeeded" in text) == (400, True)
    assert post(shop.local, f"/_local/explode/{session.id}", {})[0] == 404
    assert post(shop.local, "/_local/resend/evt_none", {})[0] == 404


def test_the_control_api_refunds_in_part_and_rolls_secrets(fresh: LocalStripe) -> None:
    shop = Shop(fresh)
    paid = shop.pay()
    status, refund = post(fresh, f"/_local/refund/{paid.id}", {"amount": 100})
    assert (status, refund["amount"]) == (200, 100)
    endpoint = shop.client.v1.webhook_endpoints.create({"url": "http://127.0.0.1:1", "enabled_events": ["*"]})
    status, rolled = post(fresh, f"/_local/roll/{endpoint.id}", {"overlap_seconds": 0})
    assert rolled["secret"].startswith("whsec_")
    assert rolled["secret"] != endpoint.secret


def test_faults_are_added_listed_and_forgotten(fresh: LocalStripe) -> None:
    status, listed = post(fresh, "/_local/faults", {"kind": "error", "match": "GET /v1/*", "status": 503, "times": 2})
    assert (status, [(one["kind"], one["left"]) for one in listed["data"]]) == (200, [("error", 2)])
    assert post(fresh, "/_local/faults", {"kind": "explode"})[0] == 400
    assert post(fresh, "/_local/faults", {"kind": "drop", "colour": "red"})[0] == 400
    with pytest.raises(Exception, match="asked of Local Stripe"):
        fresh.client(max_network_retries=0).v1.balance.retrieve()
    request = urllib.request.Request(f"{fresh.url}/_local/faults", method="DELETE")
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["data"] == []
    assert fresh.client().v1.balance.retrieve()
