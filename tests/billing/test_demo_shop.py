"""`lab demo --shop` as a person uses it: the real command, and a browser without JavaScript."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures.served_app import find_port
from fixtures.servers import Database
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.services.billing.sync import apply_offers
from lab.services.demo_shop.pages import REFRESH_SECONDS
from lab.services.demo_shop.reading import end_earlier_sales, read_shelf
from lab.services.demo_shop.states import state_of
from lab.services.local_stripe import serve_local_stripe
from lab.text.product_files import PROJECT

START_SECONDS, END_SECONDS = 90, 30


@dataclass(frozen=True)
class Demo:
    """A demo that runs, with the pages of its buyer."""

    process: subprocess.Popen[str]
    shop: str
    control: str
    mailbox: str
    lab: str
    page: Page

    def buy(self, title: str, choice: str) -> None:
        """Buy something in the shop, and choose how to pay on the Checkout page."""
        self.page.goto(self.shop)
        self.page.get_by_role("radio", name=title).check()
        self.page.get_by_role("button", name="Buy").click()
        self.pay(choice)

    def pay(self, choice: str) -> None:
        """Press one of the buttons of the Checkout page."""
        self.page.get_by_role("button", name=choice).click()

    def act(self, label: str) -> None:
        """Press the newest button of a name on the control page, and come back to the same page."""
        here = self.page.url
        self.page.goto(self.control)
        self.page.get_by_role("button", name=re.compile(f"^{label}: ")).first.click()
        self.page.goto(here)

    def sees(self, title: str) -> None:
        """Check that the return page shows a state, or soon does."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(title)

    def activity(self) -> dict[str, list[str]]:
        """Return the rows of each list of the activity page."""
        self.page.goto(f"{self.shop}activity")
        lists = self.page.locator("ul.rows")
        names = ("purchases", "events", "audit")
        return {name: lists.nth(place).locator("li:not(.quiet)").all_inner_texts() for place, name in enumerate(names)}

    def waits_for(self, name: str, *words: str) -> str:
        """Wait until a row of a list has all these words, and return it."""
        deadline = time.monotonic() + 20
        while True:
            rows = self.activity()[name]
            for row in rows:
                if all(word in row for word in words):
                    return row
            assert time.monotonic() < deadline, rows


def start(home: Path, *options: str, key: str = "") -> subprocess.Popen[str]:
    """Start the command in an environment without a database, and with no key but this one."""
    known = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE", "STRIPE", "LAB_"))}
    command = [sys.executable, "-m", "lab", "demo", "--shop", "--json", *options]
    with (home / "log").open("w") as log:
        return subprocess.Popen(
            command, cwd=PROJECT, env={**known, "PERSISTENCE_LAB_HOME": str(home), "STRIPE_SECRET_KEY": key},
            stdout=subprocess.PIPE, stderr=log,
            text=True,
        )  # fmt: skip


@contextlib.contextmanager
def running(home: Path, *options: str, key: str = "") -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """Run the command until the block ends, and give its addresses."""
    process = start(home, *options, key=key)
    try:
        line = process.stdout.readline() if process.stdout else ""
        assert line, (home / "log").read_text()
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(END_SECONDS)


@pytest.fixture(scope="module")
def demo(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the command once, with a browser that runs no script."""
    with running(tmp_path_factory.mktemp("demo")) as (process, places):
        context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
        yield Demo(process, page=context.new_page(), **places)
        context.close()


def test_a_purchase_is_unlocked_and_its_refund_locks_it(demo: Demo) -> None:
    demo.buy("Artifacts", "Pay 49.00 EUR")
    demo.sees("Unlocked")
    bought = demo.page.url
    demo.act("Refund")
    demo.sees("Refunded")
    demo.waits_for("events", "charge.refunded", "done", "1 attempt")
    demo.waits_for("purchases", "Artifacts, 49.00 EUR", "Refunded", "locked", "refunded 49.00 EUR")
    demo.waits_for("audit", "purchase.unlocked")
    demo.page.goto(bought)
    demo.sees("Refunded")


def test_a_declined_card_unlocks_nothing_and_can_be_tried_again(demo: Demo) -> None:
    demo.buy("Echo", "declined")
    expect(demo.page.get_by_role("alert")).to_be_visible()
    assert "Not paid yet" in demo.activity()["purchases"][0]
    demo.buy("Echo", "declined")
    demo.pay("Pay 12.00 EUR")
    demo.sees("Unlocked")


def test_a_bank_account_is_on_its_way_until_it_settles(demo: Demo) -> None:
    """The page loads itself again, and needs no script for it."""
    for label, title in (("Let it succeed", "Unlocked"), ("Let it fail", "Failed")):
        demo.buy("Council", "Pay by bank account")
        demo.sees("On its way")
        bought = demo.page.url
        assert "On its way" in demo.activity()["purchases"][0]
        demo.page.goto(bought)
        settle(demo, label)
        # The browser can hang for good when a page without scripts is asked while it loads itself again.
        demo.page.wait_for_timeout((REFRESH_SECONDS + 2) * 1000)
        demo.sees(title)


def settle(demo: Demo, label: str) -> None:
    """Act on the control page in another window, while the return page waits."""
    other = demo.page.context.new_page()
    other.goto(demo.control)
    other.get_by_role("button", name=re.compile(f"^{label}: ")).first.click()
    other.close()


def test_a_dispute_locks_until_it_is_won(demo: Demo) -> None:
    demo.buy("Passport", "Pay 29.00 EUR")
    demo.sees("Unlocked")
    demo.act("Dispute")
    demo.sees("Disputed")
    demo.act("Win")
    demo.page.reload()
    demo.waits_for("purchases", "Passport", "dispute: won")


def test_the_webhook_alone_unlocks(demo: Demo) -> None:
    """The buyer closes the window before the return page is loaded."""
    demo.page.route("**/thanks?*", lambda route: route.abort())
    with contextlib.suppress(Exception):
        demo.buy("Scroll", "Pay 19.00 EUR")
    demo.page.unroute("**/thanks?*")
    demo.waits_for("purchases", "Scroll", "Unlocked")


def test_a_form_that_is_sent_twice_is_one_purchase(demo: Demo) -> None:
    demo.page.goto(demo.shop)
    form = {name: demo.page.locator(f"[name={name}]").first.get_attribute("value") or "" for name in ("visit", "link")}
    before = len(demo.activity()["purchases"])
    with ThreadPoolExecutor(4) as threads:
        places = set(threads.map(lambda _: post(f"{demo.shop}buy", form)[1], range(4)))
    assert len(places) == 1
    assert len(demo.activity()["purchases"]) == before + 1


class Staying(urllib.request.HTTPRedirectHandler):
    """Follows no redirect."""

    def redirect_request(self, *_: object) -> None:
        return None


def post(url: str, form: dict[str, str], headers: dict[str, str] | None = None) -> tuple[int, str]:
    """Send a form; returns the status, and where the answer leads or what it says."""
    request = urllib.request.Request(url, urllib.parse.urlencode(form).encode() if form else None, headers or {})
    try:
        with urllib.request.build_opener(Staying).open(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers.get("Location") or answer.read().decode()


STATES = [
    ("paid", True, "Unlocked"),
    ("paid", False, "Waits for a person"),
    ("open", False, "Not paid yet"),
    ("processing", False, "On its way"),
    ("failed", False, "Failed"),
    ("expired", False, "Expired"),
    ("refunded", False, "Refunded"),
    ("disputed", False, "Disputed"),
]


@pytest.mark.parametrize(("status", "unlocked", "title"), STATES)
def test_every_state_of_a_purchase_has_words(status: str, unlocked: bool, title: str) -> None:
    assert state_of({"status": status, "unlocked": unlocked}).title == title
    assert {state[0] for state in STATES} == set(RULES.table("purchases").column("status").allowed)


NOBODY = "00000000-0000-4000-8000-000000000000"
REFUSED: dict[str, tuple[str, dict[str, str], dict[str, str], int, str]] = {
    "another site's form": ("buy", {"visit": NOBODY, "link": NOBODY}, {"Origin": "https://x.example"}, 403, "alone"),
    "no choice": ("buy", {"visit": NOBODY}, {}, 400, "Choose"),
    "no id": ("buy", {"visit": NOBODY, "link": "1; drop"}, {}, 400, "Choose"),
    "not for sale": ("buy", {"visit": NOBODY, "link": NOBODY}, {}, 409, "Not for sale"),
    "another host": ("", {}, {"Host": "x.example"}, 400, "Invalid host"),
    "no session": ("thanks", {}, {}, 404, "No such purchase"),
    "an unknown session": ("thanks?session=cs_test_nobody", {}, {}, 404, "No such purchase"),
    "a path in the session": ("thanks?session=cs_test/../../events", {}, {}, 404, "No such purchase"),
    "an unsigned event": ("stripe/webhook", {"id": "evt_1"}, {}, 400, "signature"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_the_shop_refuses(demo: Demo, case: str) -> None:
    path, form, headers, status, said = REFUSED[case]
    answer = post(f"{demo.shop}{path}", form, headers)
    assert (answer[0], said in answer[1]) == (status, True), answer


def test_no_page_shows_a_person_or_a_secret(demo: Demo) -> None:
    demo.buy("Artifacts", "Pay 49.00 EUR")
    demo.sees("Unlocked")
    demo.waits_for("events", "done")
    for path in ("", "activity"):
        demo.page.goto(f"{demo.shop}{path}")
        shown = demo.page.locator("body").inner_html()
        assert "Artifacts" in shown
        assert not re.search(r"@|whsec_|sk_test|evt_|Should I|subject", shown)


@pytest.mark.parametrize("path", ["", "activity", "thanks"])
def test_a_page_fits_a_phone_and_has_one_primary_action(demo: Demo, path: str) -> None:
    demo.page.goto(f"{demo.shop}{path}")
    assert demo.page.locator(".main").count() == 1
    boxes = [box["x"] + box["width"] for one in demo.page.locator("main *").all() if (box := one.bounding_box())]
    assert max(boxes) <= 390


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "SIGTERM"])
def test_a_signal_ends_everything(tmp_path: Path, number: int, wait_until: Callable[..., None]) -> None:
    port = find_port()
    with running(tmp_path, "--port", str(port)) as (process, places):
        assert places["shop"] == f"http://127.0.0.1:{port}/"
        assert post(f"{places['lab']}/_stcore/health", {}) == (200, "ok")
        children = psutil.Process(process.pid).children(recursive=True)
        assert children
        process.send_signal(number)
        assert process.wait(END_SECONDS) == 0, (tmp_path / "log").read_text()
        wait_until(lambda: not any(map(alive, children)) and not servers_of(tmp_path))
    for place in places.values():
        with pytest.raises(urllib.error.URLError):
            post(place, {})


def test_a_signal_while_the_app_starts_ends_everything(tmp_path: Path, wait_until: Callable[..., None]) -> None:
    process = start(tmp_path)
    wait_until(lambda: "Starting the app" in (tmp_path / "log").read_text())
    wait_until(lambda: bool(psutil.Process(process.pid).children()))
    children = psutil.Process(process.pid).children(recursive=True)
    process.terminate()
    assert process.communicate(timeout=END_SECONDS)[0] == ""
    assert process.returncode == 0, (tmp_path / "log").read_text()
    wait_until(lambda: not any(map(alive, children)) and not servers_of(tmp_path))


def test_only_what_this_local_stripe_sells_is_for_sale(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    """The database keeps the links of earlier demos, and a link for real money is none of them."""
    own = database(server)
    with psycopg.connect(own.admin_url, autocommit=True) as admin, connect(own.api_url) as connection:
        shelves = []
        admin.execute(REAL_MONEY)
        for _ in range(2):
            with serve_local_stripe() as local:
                apply_offers(local.client(), connection, RULES.offers)
                prices = [price.id for price in local.client().v1.prices.list({"limit": 100}).auto_paging_iter()]
                end_earlier_sales(connection, prices)
                shelves.append(read_shelf(connection))
        assert [row["layer"] for row in shelves[1]] == [offer.layer.id for offer in RULES.offers]
        assert not {row["id"] for row in shelves[0]} & {row["id"] for row in shelves[1]}
        real = (
            "select l.active and p.active from purchase_links l join products p on p.id = product_id where p.livemode"
        )
        assert admin.execute(real).fetchall() == [(True,)]


REAL_MONEY = """
with product as (
  insert into public.products (layer, stripe_product_id, title, livemode)
  values ('echo', 'prod_real', 'Echo', true) returning id)
insert into public.purchase_links (product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
select id, 'price_real', 1200, 'eur', true, '/echo' from product
"""


def alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def servers_of(home: Path) -> list[int]:
    """Return the processes that have the folder in their command."""
    found = psutil.process_iter(["pid", "cmdline"])
    return [one.pid for one in found if any(str(home) in part for part in one.info["cmdline"] or ())]


@pytest.fixture
def wait_until() -> Callable[..., None]:
    def wait(holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_SECONDS  # a busy machine takes a while to end everything
        while not holds():
            assert time.monotonic() < deadline
            time.sleep(0.1)

    return wait


def test_a_taken_port_is_named(demo: Demo, tmp_path: Path) -> None:
    taken = urllib.parse.urlsplit(demo.shop).port
    process = start(tmp_path, "--port", str(taken))
    assert process.communicate(timeout=START_SECONDS)[0] == ""
    assert process.returncode == 2
    assert f"error: Port {taken} of 127.0.0.1: It is not free" in (tmp_path / "log").read_text()
    deadline = time.monotonic() + END_SECONDS
    while servers_of(tmp_path):
        assert time.monotonic() < deadline
        time.sleep(0.1)
