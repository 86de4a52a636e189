"""The right of withdrawal in the demo shop, in a browser without JavaScript, on a phone: both ways, and too late."""

import hashlib
import re
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from playwright.sync_api import Browser, Page, expect

from fixtures.servers import Database
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from lab.rules.withdrawal import CONFIRM_LABEL, WITHDRAW_LABEL, waiver, withdrawal_statement
from lab.services.billing.settings import Settings
from lab.services.billing.sync import apply_offers
from lab.services.demo_shop.app import Shop, make_app
from lab.services.demo_shop.pages import Pages
from lab.services.documents import Renderer
from lab.services.files import FolderStore
from lab.services.local_stripe import serve_local_stripe
from lab.services.serving import HOST, listen, serve
from tests.billing.shops import add_person
from tests.billing.test_demo_shop import post
from tests.billing.test_withdrawal import ENABLE


@dataclass(frozen=True)
class Visit:
    """A buyer's window on a shop of their own."""

    page: Page
    address: str
    admin: psycopg.Connection[Any]

    def order(self, title: str, *, waive: bool) -> None:
        """Choose what to buy, and press the button."""
        self.page.goto(self.address)
        self.page.get_by_role("radio", name=title).check()
        box = self.page.get_by_role("checkbox", name=waiver.body)
        expect(box).not_to_be_checked()
        if waive:
            box.check()
        self.page.get_by_role("button", name="Buy").click()

    def pay(self) -> None:
        """Pay, and come back to a purchase that is unlocked."""
        self.page.get_by_role("button", name=re.compile("^Pay .* EUR$")).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text("Unlocked")

    def download(self, label: str) -> bytes:
        """Download a document; returns its bytes."""
        with self.page.expect_download() as waiting:
            self.page.get_by_role("link", name=label).click()
        assert re.fullmatch(r"(confirmation|acknowledgement)-20\d\d-\d\d-\d\d\.txt", waiting.value.suggested_filename)
        return Path(waiting.value.path()).read_bytes()

    def on_record(self, kind: str) -> bytes:
        """Return the hash of a document on record."""
        return bytes(self.read("select body_sha256 from public.withdrawal_documents where kind = %s", kind))

    def read(self, query: str, *values: object) -> Any:
        """Return the first value of a query, as the superuser."""
        row = self.admin.execute(query.encode(), values).fetchone()
        return row[0] if row else None

    def session(self) -> str:
        """Return the session of the purchase that is shown."""
        return self.page.url.partition("session=")[2].partition("&")[0]

    def fits(self) -> None:
        """Check that the page fits a phone and has one primary action."""
        assert self.page.locator(".main").count() == 1
        boxes = [box["x"] + box["width"] for one in self.page.locator("main *").all() if (box := one.bounding_box())]
        assert max(boxes) <= 390


@pytest.fixture
def visit(
    browser: Browser, server: EmbeddedPostgres, database: Callable[..., Database], tmp_path: Path
) -> Iterator[Visit]:
    """Open a shop that sells the offers, and a phone in the dark that runs no script."""
    own = database(server)
    context = browser.new_context(
        java_script_enabled=False, viewport={"width": 390, "height": 844}, color_scheme="dark", accept_downloads=True
    )
    with (
        serve_local_stripe(settle_seconds=None) as local,
        psycopg.connect(own.admin_url, autocommit=True) as admin,
        listen(0) as listener,
    ):
        with connect(own.api_url) as connection:
            apply_offers(local.client(), connection, RULES.offers)
        address = f"http://{HOST}:{listener.getsockname()[1]}"
        shop = Shop(
            database_url=own.api_url,
            client=local.client(),
            address=address,
            buyer=add_person(admin),
            started_at=datetime.now(UTC),
            settings=Settings(url=own.api_url, secrets=("whsec_unused",), livemode=False),
            pages=Pages(control=f"{local.url}/_local/", lab=address),
            store=FolderStore(tmp_path),
            renderer=Renderer(),
        )
        with serve(make_app(shop), listener):
            yield Visit(context.new_page(), f"{address}/", admin)
    context.close()


def test_a_waiver_is_confirmed_before_the_payment(visit: Visit) -> None:
    visit.order("Artifacts", waive=True)
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Your confirmation")
    visit.fits()
    given = visit.download("Download the confirmation")
    assert hashlib.sha256(given).digest() == visit.on_record("waiver")
    assert waiver.body in given.decode()
    visit.page.get_by_role("link", name="Continue to the payment").click()
    visit.pay()
    expect(visit.page.get_by_text("You gave up your right of withdrawal before you paid.")).to_be_visible()
    expect(visit.page.get_by_role("button", name=WITHDRAW_LABEL)).to_have_count(0)
    assert visit.download("Download the confirmation") == given
    answer = post(f"{visit.address}withdraw", {"session": visit.session()})
    assert (answer[0], "right was given up" in answer[1]) == (409, True)


def test_a_withdrawal_takes_two_steps_and_waits_for_the_operator(visit: Visit) -> None:
    visit.order("Artifacts", waive=False)
    visit.pay()
    expect(visit.page.get_by_text("You can withdraw until")).to_be_visible()
    visit.fits()
    bought, session = visit.page.url, visit.session()
    visit.page.get_by_role("button", name=WITHDRAW_LABEL, exact=True).click()
    expect(visit.page.get_by_text(withdrawal_statement.body)).to_be_visible()
    visit.fits()
    assert visit.read("select count(*) from public.payment_reviews") == 0
    visit.page.get_by_role("button", name=CONFIRM_LABEL, exact=True).click()
    assert visit.page.url == bought
    expect(visit.page.get_by_role("heading", level=1)).to_have_text("Withdrawn")
    expect(visit.page.get_by_text("You withdrew on")).to_be_visible()
    visit.fits()
    given = visit.download("Download the acknowledgement")
    assert hashlib.sha256(given).digest() == visit.on_record("withdrawal")
    with ThreadPoolExecutor(4) as threads:  # the impatient buyer's further clicks
        sent = list(threads.map(lambda _: post(f"{visit.address}withdraw/confirm", {"session": session})[0], range(4)))
    assert sent == [303] * 4
    assert visit.read("select array_agg(reason) from public.payment_reviews where status = 'open'") == ["withdrawal"]
    assert visit.read("select count(*) from public.withdrawal_documents") == 1
    visit.page.goto(f"{visit.address}activity")
    expect(visit.page.get_by_text("withdrawn")).to_be_visible()


def test_after_the_window_there_is_no_button(visit: Visit) -> None:
    """Also for a page that was loaded before, in either step."""
    visit.order("Scroll", waive=False)
    visit.pay()
    visit.page.get_by_role("button", name=WITHDRAW_LABEL).click()
    session = visit.session()
    visit.admin.execute("alter table public.purchases disable trigger user")
    visit.admin.execute("update public.purchases set withdraw_until = now() - interval '1 second'")
    visit.admin.execute(ENABLE)
    visit.page.get_by_role("button", name=CONFIRM_LABEL).click()
    expect(visit.page.get_by_role("alert")).to_contain_text("The period is over")
    assert post(f"{visit.address}withdraw", {"session": session})[0] == 303
    visit.page.goto(f"{visit.address}thanks?session={session}")
    expect(visit.page.get_by_text("The period for a withdrawal ended on")).to_be_visible()
    expect(visit.page.get_by_role("button", name=WITHDRAW_LABEL)).to_have_count(0)
    assert visit.read("select count(*) from public.payment_reviews") == 0


def test_what_comes_later_keeps_its_window(visit: Visit) -> None:
    """The box has no effect on it: the right cannot be given up before anything was delivered."""
    visit.order("Echo", waive=True)
    visit.pay()
    expect(visit.page.get_by_role("button", name=WITHDRAW_LABEL)).to_be_visible()
    assert visit.read("select count(*) from public.withdrawal_waivers") == 0


def test_a_buyer_can_change_their_mind_before_paying(visit: Visit) -> None:
    """The same page, sent with and without the box: two orders, and what is paid decides."""
    visit.order("Artifacts", waive=True)
    visit.page.go_back()
    visit.page.get_by_role("checkbox", name=waiver.body).uncheck()
    visit.page.get_by_role("radio", name="Artifacts").check()
    visit.page.get_by_role("button", name="Buy").click()
    visit.pay()
    expect(visit.page.get_by_role("button", name=WITHDRAW_LABEL)).to_be_visible()


NOBODY = str(uuid.UUID(int=0))
REFUSED: dict[str, tuple[str, dict[str, str], dict[str, str], int, str]] = {
    "another site's first step": ("withdraw", {"session": "cs_test_1"}, {"Origin": "https://x.example"}, 403, "alone"),
    "another site's second": ("withdraw/confirm", {"session": "x"}, {"Origin": "https://x.example"}, 403, "alone"),
    "no purchase": ("withdraw", {"session": "cs_test_nobody"}, {}, 404, "No such purchase"),
    "no session": ("withdraw/confirm", {"other": "1"}, {}, 404, "No such purchase"),
    "no page": ("withdraw?session=cs_test_nobody", {}, {}, 404, "No such purchase"),
    "no document": ("document?session=cs_test_nobody&kind=waiver", {}, {}, 404, "No such document"),
    "another kind": ("document?session=cs_test_nobody&kind=../../etc", {}, {}, 404, "No such document"),
}


def test_what_these_addresses_refuse(visit: Visit) -> None:
    for case, (path, form, headers, status, said) in REFUSED.items():
        answer = post(f"{visit.address}{path}", form, headers)
        assert (answer[0], said in answer[1]) == (status, True), (case, answer)
    shelf = visit.read("select id from public.purchase_links where active limit 1")
    forged = {"visit": NOBODY, "link": str(shelf), "waiver": NOBODY}
    assert post(f"{visit.address}buy", forged)[0] == 409
    assert visit.read("select count(*) from public.purchases") == 0
