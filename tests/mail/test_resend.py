"""Resend's API, as a small server on this machine plays it: what each answer means, and that no error tells the key."""

import logging
import re
from collections.abc import Iterator

import pytest

from lab.services.mail import Refused, Sent, Uncertain, open_provider
from lab.services.mail.resend import Resend
from lab.services.serving import listen
from tests.mail.api import Api, Reply, serve_api
from tests.mail.samples import API_KEY, KEY, LINKS, SENDER, TO, everything_told, make


@pytest.fixture(scope="module")
def served() -> Iterator[Api]:
    with serve_api() as api:
        yield api


@pytest.fixture
def api(served: Api) -> Api:
    served.replies.clear()
    served.requests.clear()
    return served


def resend(api: Api, timeout_seconds: float = 30.0) -> Resend:
    return Resend(API_KEY, api.address, timeout_seconds=timeout_seconds)


def fault(status: int, name: str, **headers: str) -> Reply:
    """Return an error in the form of the API; its message quotes the address, as the real one does."""
    body = {"statusCode": status, "name": name, "message": f"{TO} {API_KEY} is refused"}
    return Reply(status=status, body=body, headers={key.replace("_", "-"): value for key, value in headers.items()})


def assert_silent(error: Refused | Uncertain) -> None:
    assert re.fullmatch("[a-z][a-z0-9_.]{0,39}", error.code)
    assert error.__context__ is None
    assert error.__cause__ is None
    told = everything_told(error)
    assert not [word for word in (TO, "canary", API_KEY, KEY) if word in told]


def test_a_message_is_handed_over_with_its_key(api: Api) -> None:
    assert resend(api).send(make("receipt"), KEY) == Sent(provider_id="49a3999c-0ce1-4ea6-ab68-afcd6dc2e794")
    [(path, headers, body)] = api.requests
    assert path == "/emails"
    assert headers["authorization"] == f"Bearer {API_KEY}"
    assert headers["idempotency-key"] == KEY
    assert (body["from"], body["to"], body["subject"]) == (SENDER, [TO], "Your receipt")
    assert "Amount: 29.00 EUR" in body["text"]
    assert "29.00 EUR</td>" in body["html"]
    assert body["headers"] == {
        "List-Unsubscribe": f"<{LINKS['unsubscribe_link']}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }


def test_a_repetition_is_the_same_request(api: Api) -> None:
    for _ in range(2):
        resend(api).send(make(), KEY)
    assert api.requests[0] == api.requests[1]


def test_a_sender_of_another_language_is_written_in_full(api: Api) -> None:
    resend(api).send(make(sender="\u041e\u0440\u0430\u043a\u0443\u043b <notices@oracle.shop>"), KEY)
    assert api.requests[0][2]["from"] == "\u041e\u0440\u0430\u043a\u0443\u043b <notices@oracle.shop>"


def test_what_is_known_of_resend(api: Api) -> None:
    provider = resend(api)
    assert (provider.name, provider.ability, provider.window_seconds) == ("resend", "idempotent", 86_400)


LIMIT, QUOTA = "rate_limit_exceeded", "daily_quota_exceeded"
# What is answered: the code, whether another attempt fails as well, and how long to wait.
REFUSED: dict[str, tuple[Reply, str, bool, int | None]] = {
    "too many": (fault(429, LIMIT, retry_after="7"), f"resend.{LIMIT}", False, 7),
    "too many, without a time": (fault(429, LIMIT), f"resend.{LIMIT}", False, None),
    "a time that is none": (fault(429, LIMIT, retry_after="-1"), f"resend.{LIMIT}", False, None),
    "a very long time": (fault(429, QUOTA, retry_after="999999"), f"resend.{QUOTA}", False, 86_400),
    "a wrong key": (fault(403, "invalid_api_key"), "resend.invalid_api_key", False, None),
    "no key": (fault(401, "missing_api_key"), "resend.missing_api_key", False, None),
    "a wrong address": (fault(422, "validation_error"), "resend.validation_error", True, None),
    "a wrong key of repetition": (fault(400, "invalid_idempotency_key"), "resend.invalid_idempotency_key", True, None),
    "no name": (Reply(status=422, body=b"<html>"), "resend.422", True, None),
    "a name that is a text": (Reply(status=422, body={"name": f"Bad {TO}"}), "resend.422", True, None),
    "no JSON object": (Reply(status=404, body=[TO]), "resend.404", True, None),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_what_was_surely_not_sent_is_refused(api: Api, case: str, caplog: pytest.LogCaptureFixture) -> None:
    reply, code, permanent, seconds = REFUSED[case]
    api.replies.append(reply)
    with caplog.at_level(logging.DEBUG), pytest.raises(Refused) as raised:
        resend(api).send(make(), KEY)
    error = raised.value
    assert (error.code, error.permanent, error.retry_after_seconds) == (code, permanent, seconds)
    assert_silent(error)
    assert not [word for word in (TO, API_KEY, KEY) if word in caplog.text]


UNCERTAIN: dict[str, tuple[Reply, str]] = {
    "no answer in time": (Reply(does="wait"), "resend.timeout"),
    "closed without an answer": (Reply(does="close"), "resend.no_answer"),
    "closed in the middle of an answer": (Reply(does="half"), "resend.no_answer"),
    "a fault of Resend": (fault(500, "internal_server_error"), "resend.500"),
    "a fault on the way": (Reply(status=502, body=b"<html>"), "resend.502"),
    "no service": (Reply(status=503, body=b""), "resend.503"),
    "led elsewhere": (Reply(status=302, body=b"", headers={"location": "https://evil.shop/"}), "resend.302"),
    "the first request is running": (
        fault(409, "concurrent_idempotent_requests"), "resend.concurrent_idempotent_requests"
    ),
    "another message of the key": (fault(409, "invalid_idempotent_request"), "resend.key_reused"),
    "accepted without an id": (Reply(body={}), "resend.unreadable"),
    "accepted with a text for an id": (Reply(body={"id": f"{TO} was sent"}), "resend.unreadable"),
    "accepted without JSON": (Reply(body=b"<html>"), "resend.unreadable"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNCERTAIN)
def test_without_a_clear_answer_it_is_uncertain(api: Api, case: str) -> None:
    reply, code = UNCERTAIN[case]
    api.replies.append(reply)
    with pytest.raises(Uncertain) as raised:
        resend(api, timeout_seconds=1 if reply.does == "wait" else 30.0).send(make(), KEY)
    assert raised.value.code == code
    assert_silent(raised.value)
    assert len(api.requests) == 1


def test_a_key_that_fits_into_no_header_is_refused(api: Api) -> None:
    with pytest.raises(Refused, match=r"resend\.key"):
        resend(api).send(make(), f"{TO}\r\nX: y")
    assert not api.requests


@pytest.mark.parametrize("address", ["", "http://nobody.invalid"], ids=["nothing listens", "unknown host"])
def test_nobody_there_is_refused(address: str) -> None:
    with listen(0) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Refused) as raised:
        Resend(API_KEY, address or f"http://127.0.0.1:{port}", timeout_seconds=2).send(make(), KEY)
    assert (raised.value.code, raised.value.permanent) == ("resend.connect", False)
    assert_silent(raised.value)


@pytest.mark.parametrize("url", [f"resend://{API_KEY}", f"Resend://{API_KEY}/"])
def test_an_address_of_resend_is_read(url: str) -> None:
    provider = open_provider(url)
    assert provider == Resend(API_KEY)
    assert API_KEY not in repr(provider)
