"""The receiver of bounces: a signed report stops the next message to its address, and nothing else does."""

import base64
import hmac
import json
import time

import httpx
import pytest
from starlette.testclient import TestClient

from lab.services.delivery.bounces import (
    PATH,
    BounceSettings,
    BounceSettingsUnusable,
    make_bounce_receiver,
    read_bounce_settings,
)
from tests.delivery.people import Shop

KEY = b"a key of the tests alone"
SECRET = "whsec_" + base64.b64encode(KEY).decode()


def report(client: TestClient, address: str, kind: str = "email.bounced", key: bytes = KEY) -> httpx.Response:
    """Send a report, signed with a key."""
    body = json.dumps({"type": kind, "data": {"to": [address], "bounce": {"type": "Permanent"}}}).encode()
    at = str(int(time.time()))
    signature = base64.b64encode(hmac.digest(key, f"msg_1.{at}.".encode() + body, "sha256")).decode()
    headers = {"svix-id": "msg_1", "svix-timestamp": at, "svix-signature": f"v1,{signature}"}
    answer: httpx.Response = client.post(PATH, content=body, headers=headers)
    return answer


@pytest.fixture
def client(shop: Shop) -> TestClient:
    """A client of the receiver."""
    return TestClient(make_bounce_receiver(BounceSettings(url=shop.database.api_url, secrets=(SECRET,))))


def address_of(shop: Shop) -> str:
    """Return the person's address."""
    return str(shop.read("select email from auth.users where id = %s", shop.world.subject)[0][0])


@pytest.mark.parametrize("kind", ["email.bounced", "email.complained"])
def test_an_address_that_was_reported_gets_no_more_mail(shop: Shop, client: TestClient, kind: str) -> None:
    answer = report(client, address_of(shop).upper(), kind)
    assert (answer.status_code, answer.json()) == (200, {"kept": 1})
    assert report(client, address_of(shop), kind).json() == {"kept": 0}
    shop.queue("email")
    assert [(done.state, done.code) for done in shop.run()] == [("dead", "address.suppressed")]
    assert shop.mailbox.messages() == ()


def test_a_report_that_is_not_signed_changes_nothing(shop: Shop, client: TestClient) -> None:
    answer = report(client, address_of(shop), key=b"another key")
    assert (answer.status_code, answer.json()) == (400, {"error": "wrong_signature"})
    shop.queue("email")
    assert [done.state for done in shop.run()] == ["done"]


def test_a_delivery_is_no_bounce(shop: Shop, client: TestClient) -> None:
    assert report(client, address_of(shop), "email.delivered").json() == {"kept": 0}
    assert shop.read("select count(*) from public.email_suppressions") == [(0,)]


def test_a_large_report_is_refused(client: TestClient) -> None:
    assert client.post(PATH, content=b"x" * 300_000).status_code == 413


def test_a_database_that_is_gone_is_told_so_that_the_report_comes_again() -> None:
    settings = BounceSettings(url="postgresql://nobody@127.0.0.1:1/none", secrets=(SECRET,))
    assert report(TestClient(make_bounce_receiver(settings)), "a@example.test").status_code == 503


def test_missing_settings_are_named() -> None:
    with pytest.raises(BounceSettingsUnusable, match="EMAIL_WEBHOOK_SECRET"):
        read_bounce_settings({"DATABASE_URL": "postgresql://x"})
