"""Bounces and complaints: signed events of Resend, and reports by e-mail."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.rules import RULES
from lab.services.mail import NotAccepted, Suppression, hash_address, read_report, read_resend_event
from tests.mail.samples import TO, everything_told, make

NOW = 1_795_000_000
RAW_SECRET = b"0123456789abcdefghijklmn"
SECRET = f"whsec_{base64.b64encode(RAW_SECRET).decode()}"
MESSAGE_ID = make().message_id


def event(kind: str, **data: Any) -> bytes:
    body = {"email_id": "56761188-7520-42d8-8898-ff6fc54ce618", "to": [TO], "from": "x@oracle.shop", **data}
    return json.dumps({"type": kind, "created_at": "2026-11-30T07:00:00Z", "data": body}).encode()


def sign(body: bytes, *, at: int = NOW, key: bytes = RAW_SECRET, id: str = "msg_1") -> dict[str, str]:
    signature = base64.b64encode(hmac.digest(key, f"{id}.{at}.".encode() + body, "sha256")).decode()
    return {"svix-id": id, "svix-timestamp": str(at), "svix-signature": f"v1,{signature}"}


def read(body: bytes, headers: dict[str, str] | None = None) -> tuple[Suppression, ...]:
    return read_resend_event(body, sign(body) if headers is None else headers, secrets=(SECRET,), now=NOW)


def suppression(reason: Any, code: str | None, address: str = TO, message_id: str | None = None) -> Suppression:
    digest = hashlib.sha256(address.encode()).digest()
    return Suppression(address_sha256=digest, reason=reason, provider_code=code, message_id=message_id)


BOUNCE = {"message": f"{TO} is unknown", "type": "Permanent", "subType": "NoEmail"}
EVENTS: dict[str, tuple[bytes, tuple[Suppression, ...]]] = {
    "a bounce": (event("email.bounced", bounce=BOUNCE), (suppression("hard_bounce", "permanent.noemail"),)),
    "a bounce of a list": (
        event("email.bounced", bounce=BOUNCE | {"subType": "OnAccountSuppressionList"}),
        (suppression("hard_bounce", "permanent.onaccountsuppr"),),
    ),
    "a bounce without its kind": (event("email.bounced"), (suppression("hard_bounce", "permanent"),)),
    "a bounce that passes": (event("email.bounced", bounce=BOUNCE | {"type": "Transient"}), ()),
    "a bounce of unknown kind": (event("email.bounced", bounce=BOUNCE | {"type": "Undetermined"}), ()),
    "a complaint": (event("email.complained"), (suppression("complaint", None),)),
    "an address in capitals": (event("email.complained", to=[TO.upper()]), (suppression("complaint", None),)),
    "an address as a text": (event("email.complained", to=TO), (suppression("complaint", None),)),
    "a delivery": (event("email.delivered"), ()),
    "a delay": (event("email.delivery_delayed"), ()),
    "an event of tomorrow": (event("email.forgotten"), ()),
}


@pytest.mark.parametrize("case", EVENTS)
def test_an_event_of_resend_suppresses_what_it_says(case: str) -> None:
    body, expected = EVENTS[case]
    assert read(body) == expected


FORGED = {
    "another body": (sign(b"{}"), "wrong_signature"),
    "another key": (sign(EVENTS["a bounce"][0], key=b"another"), "wrong_signature"),
    "no key": (sign(EVENTS["a bounce"][0], key=b""), "wrong_signature"),
    "no headers": ({}, "wrong_signature"),
    "another id": (sign(EVENTS["a bounce"][0]) | {"svix-id": "msg_2"}, "wrong_signature"),
    "another time": (sign(EVENTS["a bounce"][0]) | {"svix-timestamp": str(NOW + 1)}, "wrong_signature"),
    "a time in words": (sign(EVENTS["a bounce"][0]) | {"svix-timestamp": "now"}, "wrong_signature"),
    "another version": (
        {name: value.replace("v1,", "v2,") for name, value in sign(EVENTS["a bounce"][0]).items()}, "wrong_signature"
    ),
    "too old": (sign(EVENTS["a bounce"][0], at=NOW - 301), "too_old"),
    "from the future": (sign(EVENTS["a bounce"][0], at=NOW + 301), "from_the_future"),
}  # fmt: skip


@pytest.mark.parametrize("case", FORGED)
def test_an_event_that_nobody_signed_now_is_not_believed(case: str) -> None:
    headers, code = FORGED[case]
    with pytest.raises(NotAccepted) as raised:
        read(EVENTS["a bounce"][0], headers)
    assert raised.value.code == code
    told = everything_told(raised.value)
    assert TO not in told
    assert SECRET not in told


def test_either_secret_fits_while_they_are_exchanged() -> None:
    body = EVENTS["a complaint"][0]
    old = f"whsec_{base64.b64encode(b'the old one').decode()}"
    assert read_resend_event(body, sign(body), secrets=(old, SECRET), now=NOW)
    both = sign(body, key=b"another")
    both["svix-signature"] += " " + sign(body)["svix-signature"]
    assert read(body, both)


@pytest.mark.parametrize("at", [NOW - 300, NOW + 300])
def test_five_minutes_are_allowed(at: int) -> None:
    assert read(EVENTS["a complaint"][0], sign(EVENTS["a complaint"][0], at=at))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_%%%", "not base64!"])
def test_a_secret_of_another_form_fits_nothing(secret: str) -> None:
    body = EVENTS["a complaint"][0]
    with pytest.raises(NotAccepted, match="wrong_signature"):
        read_resend_event(body, sign(body, key=b""), secrets=(secret,), now=NOW)


UNREADABLE = [b"", b"[]", b"7", b"{", b"{}", b'{"type": "email.complained"}', b'{"type": 1, "data": []}']
UNREADABLE += [b'{"type": "email.complained", "data": {}}', b'{"type": "email.complained", "data": {"to": [7]}}']
UNREADABLE += [b'{"type": "email.bounced", "data": {"to": ["a@b.example"], "bounce": {"type": 7}}}', b"[" * 100_000]


@pytest.mark.parametrize("body", UNREADABLE, ids=range(len(UNREADABLE)))
def test_a_signed_event_of_another_form_is_named(body: bytes) -> None:
    with pytest.raises(NotAccepted) as raised:
        read(body)
    assert raised.value.code == "unreadable"
    assert raised.value.__context__ is None


def report(kind: str, *parts: str) -> bytes:
    lines = [
        "From: mailer-daemon@mx.example",
        "To: notices@oracle.shop",
        "Subject: Undelivered",
        f'Content-Type: multipart/report; report-type={kind}; boundary="b"',
        "MIME-Version: 1.0",
        "",
        "--b",
        "Content-Type: text/plain",
        "",
        "It did not work.",
    ]
    for part in parts:
        lines += ["--b", *part.splitlines()]
    return "\r\n".join([*lines, "--b--", ""]).encode()


RETURNED = f"Content-Type: message/rfc822\n\nTo: {TO}\nMessage-ID: {MESSAGE_ID}\nSubject: Your reading is ready\n\nx"
RETURNED_HEADERS = f"Content-Type: text/rfc822-headers\n\nTo: {TO}\nMessage-ID: {MESSAGE_ID}\n"


def status(*blocks: str, kind: str = "message/delivery-status") -> str:
    return f"Content-Type: {kind}\n\nReporting-MTA: dns; mx.example\n\n" + "\n\n".join(blocks)


def failed(code: str, *, final: str = f"rfc822; {TO}", action: str = "failed", more: str = "") -> str:
    return f"{more}Final-Recipient: {final}\nAction: {action}\nStatus: {code}\nDiagnostic-Code: smtp; 550 {TO} unknown"


HARD = suppression("hard_bounce", "5.1.1", message_id=MESSAGE_ID)
REPORTS: dict[str, tuple[bytes, tuple[Suppression, ...]]] = {
    "no such mailbox": (report("delivery-status", status(failed("5.1.1")), RETURNED), (HARD,)),
    "headers alone": (report("delivery-status", status(failed("5.1.1")), RETURNED_HEADERS), (HARD,)),
    "nothing returned": (
        report("delivery-status", status(failed("5.1.1"))), (suppression("hard_bounce", "5.1.1"),)
    ),
    "with a comment": (report("delivery-status", status(failed("5.1.1 (bad mailbox)")), RETURNED), (HARD,)),
    "in capitals": (report("Delivery-Status", status(failed("5.1.1", action="Failed")), RETURNED), (HARD,)),
    "forwarded": (
        report(
            "delivery-status",
            status(failed("5.1.1", final="rfc822; else@where.example", more=f"Original-Recipient: rfc822;{TO}\n")),
            RETURNED,
        ),
        (HARD,),
    ),
    "escaped": (
        report("delivery-status", status(failed("5.1.1", more="Original-Recipient: rfc822;a+2Bb@c.example\n"))),
        (suppression("hard_bounce", "5.1.1", "a+b@c.example"),),
    ),
    "two of three": (
        report(
            "delivery-status",
            status(failed("5.1.1"), failed("4.4.1", action="delayed"), failed("5.1.2", final="rfc822; a@b.example")),
        ),
        (suppression("hard_bounce", "5.1.1"), suppression("hard_bounce", "5.1.2", "a@b.example")),
    ),
    "a domain in another alphabet": (
        report("delivery-status", status(failed("5.1.1", final="rfc822; a@xn--bcher-kva.example"))),
        (
            suppression("hard_bounce", "5.1.1", "a@xn--bcher-kva.example"),
            suppression("hard_bounce", "5.1.1", "a@b\u00fccher.example"),
        ),
    ),
    "the form for other alphabets": (
        report("delivery-status", status(failed("5.1.1"), kind="message/global-delivery-status"), RETURNED), (HARD,)
    ),
    "a full mailbox": (report("delivery-status", status(failed("5.2.2")), RETURNED), ()),
    "a policy": (report("delivery-status", status(failed("5.7.1")), RETURNED), ()),
    "a delay": (report("delivery-status", status(failed("4.4.1", action="delayed")), RETURNED), ()),
    "a delivery": (report("delivery-status", status(failed("2.0.0", action="delivered")), RETURNED), ()),
    "no status": (report("delivery-status", status(failed("")), RETURNED), ()),
    "no address": (report("delivery-status", status(failed("5.1.1", final="rfc822; nobody")), RETURNED), ()),
    "another type": (report("delivery-status", status(failed("5.1.1", final="x400; a@b.example")), RETURNED), ()),
    "abuse": (
        report(
            "feedback-report",
            f"Content-Type: message/feedback-report\n\nFeedback-Type: abuse\nVersion: 1\nOriginal-Rcpt-To: <{TO}>\n",
            RETURNED,
        ),
        (suppression("complaint", "abuse", message_id=MESSAGE_ID),),
    ),
    "abuse, address hidden": (
        report("feedback-report", "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n", RETURNED),
        (suppression("complaint", "abuse", message_id=MESSAGE_ID),),
    ),
    "not spam": (
        report(
            "feedback-report",
            f"Content-Type: message/feedback-report\n\nFeedback-Type: not-spam\nOriginal-Rcpt-To: <{TO}>\n",
            RETURNED,
        ),
        (),
    ),
    "abuse of nobody": (
        report("feedback-report", "Content-Type: message/feedback-report\n\nFeedback-Type: abuse\n"), ()
    ),
    "another report": (report("disposition-notification", status(failed("5.1.1")), RETURNED), ()),
    "a person's answer": (b"From: mira@example.org\r\nSubject: Thank you\r\n\r\nStatus: 5.1.1\r\n", ()),
    "our own message": (make().raw, ()),
    "nothing": (b"", ()),
    "too much": (report("delivery-status", status(failed("5.1.1")), RETURNED) + b"x" * 1_000_000, ()),
}  # fmt: skip


@pytest.mark.parametrize("case", REPORTS)
def test_a_report_suppresses_what_it_says(case: str) -> None:
    raw, expected = REPORTS[case]
    assert read_report(raw) == expected


@given(st.binary(max_size=300))
def test_whatever_arrives_is_read(noise: bytes) -> None:
    assert read_report(noise) == ()
    raw = REPORTS["no such mailbox"][0]
    for place in (200, 330, 420):
        read_report(raw[:place] + noise + raw[place:])


def test_a_suppression_fits_its_table_and_shows_no_address() -> None:
    table = RULES.table("email_suppressions")
    found = {one.reason for _, expected in (*EVENTS.values(), *REPORTS.values()) for one in expected}
    assert found <= set(table.column("reason").allowed)
    assert len(hash_address(f" {TO.upper()} ")) == 32
    assert hash_address(TO.upper()) == hash_address(TO)
    assert repr(hash_address(TO)) not in repr(HARD)
