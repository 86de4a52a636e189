"""`lab demo --shop` with a key of Stripe's test mode: the real command, with a Local Stripe in the place of Stripe."""

import http.client
import re
import time
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from lab.rules import RULES
from lab.rules.env import stripe_secret_key
from lab.services.local_stripe import LocalStripe, serve_local_stripe
from tests.billing.test_demo_shop import running

WAIT_SECONDS = 60


@dataclass(frozen=True)
class Demo:
    """A demo that sells at a Stripe of another process."""

    stripe: LocalStripe
    shop: str
    control: str

    def read(self, path: str = "") -> str:
        """Return a page of the shop."""
        with urllib.request.urlopen(self.shop + path, timeout=30) as answer:
            return str(answer.read().decode())

    def buy(self) -> str:
        """Send the form for the first offer; returns the session that it leads to."""
        page = self.read()
        form = {name: re.findall(rf'name="{name}"[^>]*value="([^"]+)"', page)[0] for name in ("visit", "link")}
        client = http.client.HTTPConnection(urllib.parse.urlsplit(self.shop).netloc, timeout=30)
        client.request("POST", "/buy", urllib.parse.urlencode(form))
        assert client.getresponse().status == 303
        client.close()
        return str(self.stripe.client().v1.checkout.sessions.list().data[0].id)

    def waits_for(self, words: str) -> None:
        """Wait until the activity page says so."""
        deadline = time.monotonic() + WAIT_SECONDS
        while words not in (page := self.read("activity")):
            assert time.monotonic() < deadline, page
            time.sleep(0.2)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """Run the command once with a test key."""
    with serve_local_stripe() as local:
        options = ("--api-base", local.url)
        with running(tmp_path_factory.mktemp("demo"), *options, key=local.key) as (_, places):
            yield Demo(local, places["shop"], places["control"])


def test_the_offers_are_sold_at_stripe(demo: Demo) -> None:
    """They are created there, and neither a Local Stripe nor a webhook is started."""
    keys = {price.lookup_key for price in demo.stripe.client().v1.prices.list({"limit": 100}).data}
    assert keys == {offer.id for offer in RULES.offers}
    assert demo.control == "https://dashboard.stripe.com/test/payments"
    assert "Payments go to Stripe&#39;s test mode." in demo.read()
    assert demo.stripe.client().v1.webhook_endpoints.list().data == []


def test_what_is_paid_is_unlocked_without_a_webhook_and_without_the_return_page(demo: Demo) -> None:
    """And a refund is seen, too."""
    session = demo.buy()
    demo.stripe.act("pay", session)
    demo.waits_for("purchase.unlocked")
    demo.stripe.act("refund", session)
    demo.waits_for("purchase.locked")


def test_the_return_page_settles_at_once(demo: Demo) -> None:
    session = demo.buy()
    demo.stripe.act("pay", session)
    assert "Unlocked" in demo.read(f"thanks?session={session}")


REFUSED = {
    "sk_live_123456789012": "STRIPE_SECRET_KEY: is a live key, and the demo buys with test money alone",
    "rk_live_123456789012": "STRIPE_SECRET_KEY: is a live key, and the demo buys with test money alone",
    "pk_test_123456789012": "STRIPE_SECRET_KEY: is missing, or is no server key of Stripe",
}


@pytest.mark.parametrize("key", REFUSED)
def test_another_key_is_refused_before_anything_starts(
    run: Callable[..., tuple[int, str, str]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path, key: str
) -> None:
    monkeypatch.setenv(stripe_secret_key.id, key)
    code, told, error = run("demo", "--shop")
    assert (code, told, key in error) == (2, "", False)
    assert REFUSED[key] in error
    assert not (tmp_path / "home").exists()


def test_an_address_needs_the_shop_and_a_key(run: Callable[..., tuple[int, str, str]]) -> None:
    assert "--api-base: It is the Stripe of the shop" in run("demo", "--api-base", "http://127.0.0.1:9")[2]
    assert "STRIPE_SECRET_KEY: is missing" in run("demo", "--shop", "--api-base", "http://127.0.0.1:9")[2]
