"""Composing: the same input gives the same bytes, both parts say the same, and nothing hostile gets through."""

import email
import email.policy
import hashlib
import re
import uuid
from datetime import date, datetime, timedelta, timezone
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.rules import RULES
from lab.services.mail import Composed, NotComposed, compose
from tests.mail.samples import AT, FIELDS, KEY, LINKS, SENDER, SITE, TO, Page, everything_told, make

KINDS = tuple(message.id for message in RULES.messages)


def parse(raw: bytes) -> EmailMessage:
    message = email.message_from_bytes(raw, policy=email.policy.SMTPUTF8)
    assert isinstance(message, EmailMessage)
    return message


def words_of(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_there_is_a_sample_of_every_message() -> None:
    assert set(FIELDS) == set(KINDS) == {job.id for job in RULES.jobs if "email" in job.legs}


@pytest.mark.parametrize("kind", KINDS)
def test_both_parts_have_the_same_words(kind: str) -> None:
    message = parse(make(kind).raw)
    page, text = Page(words_of(message, "html")), words_of(message, "plain").split()
    plain = [word.removesuffix(":") for word in text if word != "--"]
    assert [word.removesuffix(":") for word in page.words] == plain
    assert " ".join(page.hidden) in " ".join(plain)
    assert page.links == [LINKS["link"], LINKS["unsubscribe_link"]]


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_holds_no_personal_word_but_the_address_in_to(kind: str) -> None:
    raw = make(kind).raw
    assert raw.count(TO.encode()) == 1
    assert f"\r\nTo: {TO}\r\n".encode() in raw
    assert KEY.encode() not in raw


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_loads_nothing_and_runs_nothing(kind: str) -> None:
    page = words_of(parse(make(kind).raw), "html")
    assert not re.search(r"<(script|img|link|iframe|form)\b|url\(|@import|\bon\w+=", page)
    assert '<html lang="en"' in page


@pytest.mark.parametrize("kind", KINDS)
def test_headers_are_whole(kind: str) -> None:
    composed = make(kind)
    message = parse(composed.raw)
    subject = {rule.id: rule.subject for rule in RULES.messages}[kind]
    assert (message["From"], message["To"], message["Subject"]) == (SENDER, TO, subject)
    assert message["Date"].datetime == AT
    assert message["Message-ID"] == composed.message_id
    assert re.fullmatch(r"<[0-9a-f]{40}@oracle\.shop>", composed.message_id)
    assert message["List-Unsubscribe"] == f"<{LINKS['unsubscribe_link']}>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert message["Auto-Submitted"] == "auto-generated"
    assert not message.defects
    assert all(len(line) <= 998 and line.isascii() for line in composed.raw.split(b"\r\n"))
    assert b"\n" not in composed.raw.replace(b"\r\n", b"")


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_input_gives_the_same_bytes(kind: str) -> None:
    first = make(kind)
    assert first == make(kind)
    assert first.sha256 == hashlib.sha256(first.raw).digest()
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert make(kind, date=elsewhere) == first


def test_another_key_is_another_message() -> None:
    first, second = make(), make(key=KEY[:-1] + "1")
    assert first.message_id != second.message_id
    assert first.sha256 != second.sha256


def test_a_later_date_leaves_the_message_id() -> None:
    first, second = make(), make(date=AT + timedelta(hours=1))
    assert first.message_id == second.message_id
    assert first.raw != second.raw


def test_the_receipt_says_amount_date_and_order() -> None:
    text = words_of(parse(make("receipt").raw), "plain")
    assert "Amount: 29.00 EUR\r\nDate: 30 November 2026\r\nOrder: 6f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5\r\n" in text


QUESTION = "will-my-sister-forgive-me-canary"
LINK_FAULTS = {
    "a question in the path": f"{SITE}/r/{QUESTION}",
    "a question as a token": f"{SITE}/r/willmysisterforgivemecanarywillmysis",
    "a question in the query": f"{LINKS['link']}?q={QUESTION}",
    "a question in the fragment": f"{LINKS['link']}#{QUESTION}",
    "another site": f"https://evil.shop/r/{'0f' * 16}",
    "a site that begins alike": f"{SITE}.evil.shop/r/{'0f' * 16}",
    "a login": f"https://oracle.shop@evil.shop/r/{'0f' * 16}",
    "no token": f"{SITE}/r/",
    "a short token": f"{SITE}/r/0f1e2d3c",
    "a longer path": f"{SITE}/a/b/c/{'0f' * 16}",
    "a line's end": f"{LINKS['link']}\n",
    "a header": f"{LINKS['link']}>\r\nBcc: canary@evil.shop",
    "another scheme": f"javascript:alert(1)//r/{'0f' * 16}",
    "no text": 7,
}


@pytest.mark.parametrize("name", ["link", "unsubscribe_link"])
@pytest.mark.parametrize("case", LINK_FAULTS)
def test_only_an_opaque_link_of_the_site_is_mailed(name: str, case: str) -> None:
    with pytest.raises(NotComposed, match=f"Field {name} of message email") as raised:
        make(fields={name: LINK_FAULTS[case]})
    assert raised.value.code == "mail.field"
    told = everything_told(raised.value)
    assert "sister" not in told
    assert "evil" not in told


@pytest.mark.parametrize("token", ["0f" * 16, "a1" * 32, str(uuid.UUID(int=7))])
def test_a_token_is_hexadecimal_or_a_uuid(token: str) -> None:
    assert make(fields={"link": f"{SITE}/gift/open/{token}"}).raw


FIELD_FAULTS: dict[str, tuple[str, dict[str, Any]]] = {
    "not declared": ("email", {"question": "canary"}),
    "a name as a field": ("email", {"canary": "x"}),
    "what is filled in": ("email", {"shop": "canary"}),
    "a text for a day": ("gift", {"open_until": "canary"}),
    "a moment for a day": ("gift", {"open_until": AT}),
    "a day for a moment": ("recovery", {"valid_until": date(2026, 11, 30)}),
    "a moment of no zone": ("recovery", {"valid_until": datetime(2026, 11, 30)}),
    "a negative amount": ("receipt", {"amount_minor": -1}),
    "an amount as text": ("receipt", {"amount_minor": "canary"}),
    "a truth for an amount": ("receipt", {"amount_minor": True}),
    "no currency of ours": ("receipt", {"currency": "canary"}),
    "a text for an id": ("receipt", {"order_id": "canary"}),
}


@pytest.mark.parametrize("case", FIELD_FAULTS)
def test_a_field_has_its_shape(case: str) -> None:
    kind, fields = FIELD_FAULTS[case]
    with pytest.raises(NotComposed) as raised:
        make(kind, fields=fields)
    assert raised.value.code == "mail.field"
    assert "canary" not in everything_told(raised.value)


@pytest.mark.parametrize("name", FIELDS["receipt"])
def test_no_field_is_missing(name: str) -> None:
    fields = {field: value for field, value in FIELDS["receipt"].items() if field != name}
    with pytest.raises(NotComposed, match=f"Field {name} of message receipt: It is missing"):
        compose("receipt", fields, sender=SENDER, to=TO, key=KEY, date=AT, site=SITE)


BAD_ADDRESSES = {
    "a line's end": "canary@example.org\r\nBcc: evil@evil.shop",
    "a line feed": "canary\n@example.org",
    "a carriage return in the domain": "canary@example.org\r",
    "a null": "canary\0@example.org",
    "a space": "canary two@example.org",
    "quotes": '"canary two"@example.org',
    "two addresses": "canary@example.org, evil@evil.shop",
    "a route": "<@evil.shop:canary@example.org>",
    "a name": "Canary <canary@example.org>",
    "a comment": "canary(evil)@example.org",
    "two at": "canary@evil.shop@example.org",
    "no at": "canary.example.org",
    "no local part": "@canary.org",
    "no domain": "canary@",
    "a domain of one word": "canary@localhost",
    "a machine": "canary@[127.0.0.1]",
    "dots": "canary..x@example.org",
    "a change of direction": "canary\u202e@example.org",
    "a line separator": "canary\u2028@example.org",
    "a lone surrogate": "canary\ud800@example.org",
    "a long local part": f"canary{'x' * 60}@example.org",
    "a long domain": f"canary@{'x' * 60}.{'y' * 60}.{'z' * 60}.{'w' * 60}.example.org",
    "a label of a hyphen": "canary@-example.org",
    "an empty text": "",
}


@pytest.mark.parametrize("case", BAD_ADDRESSES)
def test_a_hostile_address_is_refused_and_not_shown(case: str) -> None:
    for part, code in (("to", "mail.recipient"), ("sender", "mail.sender")):
        if part == "sender" and case == "a name":
            continue
        with pytest.raises(NotComposed) as raised:
            make(**{part: BAD_ADDRESSES[case]})
        assert raised.value.code == code
        assert raised.value.__context__ is None
        told = everything_told(raised.value)
        assert "canary" not in told
        assert "evil" not in told


GOOD_ADDRESSES = {
    "mira@Example.ORG": "mira@example.org",
    "mira+tag@example.org": "mira+tag@example.org",
    "o'brien@example.org": "o'brien@example.org",
    "mira@b\u00fccher.example": "mira@xn--bcher-kva.example",
    "mira@stra\u00dfe.example": "mira@xn--strae-oqa.example",  # not strasse.example, which is another domain
    "\u043c\u0438\u0440\u0430@example.org": "\u043c\u0438\u0440\u0430@example.org",
}


@pytest.mark.parametrize("address", GOOD_ADDRESSES)
def test_an_address_of_any_language_is_written(address: str) -> None:
    composed = make(to=address)
    assert composed.to == GOOD_ADDRESSES[address]
    assert str(parse(composed.raw)["To"]) == composed.to


SENDERS = {
    "notices@oracle.shop": ("", "oracle.shop"),
    "Oracle & Sons <notices@oracle.shop>": ("Oracle & Sons", "Oracle & Sons"),
    '"Oracle, \\"Ltd\\"" <notices@oracle.shop>': ('Oracle, "Ltd"', 'Oracle, "Ltd"'),
    "\u041e\u0440\u0430\u043a\u0443\u043b <notices@oracle.shop>": ("\u041e\u0440\u0430\u043a\u0443\u043b",) * 2,
    "\u795e\u8a17" * 7 + " <notices@oracle.shop>": ("\u795e\u8a17" * 7,) * 2,
    "</mj-text><script>x{{ 7 * 7 }} <notices@oracle.shop>": None,
    "Evil\r\nBcc: x@evil.shop <notices@oracle.shop>": None,
    "\u795e\u8a17" * 8 + " <notices@oracle.shop>": None,
    "x" * 46 + " <notices@oracle.shop>": None,
}


@pytest.mark.parametrize("sender", SENDERS, ids=range(len(SENDERS)))
def test_a_sender_of_any_language_is_written(sender: str) -> None:
    expected = SENDERS[sender]
    if expected is None:
        with pytest.raises(NotComposed):
            make(sender=sender)
        return
    message = parse(make(sender=sender).raw)
    address = message["From"].addresses[0]
    assert (address.display_name, address.addr_spec) == (expected[0], "notices@oracle.shop")
    assert words_of(message, "plain").startswith(f"{expected[1]}\r\n")
    assert " ".join(Page(words_of(message, "html")).words).startswith(expected[1])


def test_markup_in_the_shop_name_stays_text() -> None:
    message = parse(make(sender="Oracle {{ 7 * 7 }} &lt;b&gt; <notices@oracle.shop>").raw)
    assert words_of(message, "plain").startswith("Oracle {{ 7 * 7 }} &lt;b&gt;\r\n")
    assert "Oracle {{ 7 * 7 }} &amp;lt;b&amp;gt;" in words_of(message, "html")


OTHER_FAULTS: dict[str, tuple[dict[str, Any], str]] = {
    "a key with a line's end": ({"key": "canary\r\n"}, "mail.key"),
    "no key": ({"key": ""}, "mail.key"),
    "a date of no zone": ({"date": datetime(2026, 11, 30)}, "mail.date"),
    "a site with a path": ({"site": "https://canary.shop/home"}, "mail.site"),
    "a site without https": ({"site": "http://canary.shop"}, "mail.site"),
}


@pytest.mark.parametrize("case", OTHER_FAULTS)
def test_what_else_is_wrong_is_named(case: str) -> None:
    changes, code = OTHER_FAULTS[case]
    with pytest.raises(NotComposed) as raised:
        make(**changes)
    assert raised.value.code == code
    assert "canary" not in everything_told(raised.value)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(NotComposed, match="Use one of email, gift"):
        compose("canary", {}, sender=SENDER, to=TO, key=KEY, date=AT, site=SITE)


def test_a_site_on_this_machine_is_written_with_its_port() -> None:
    site = "http://127.0.0.1:8501"
    links = {name: link.replace(SITE, site) for name, link in LINKS.items()}
    assert make(site=site, fields=links).raw
    assert make(site=f"{site}/", fields=links) == make(site=site, fields=links)


def test_a_message_shows_neither_address_nor_words() -> None:
    told = repr(make()) + str(make())
    assert "mira" not in told
    assert "raw" not in told


def make_if_accepted(**changes: str) -> Composed | None:
    """Return the message, None when what was given is refused."""
    try:
        return make(**changes)
    except NotComposed:
        return None


@given(st.text(max_size=60))
def test_whatever_is_given_as_address_is_refused_or_stays_in_its_header(text: str) -> None:
    composed = make_if_accepted(to=text)
    if composed is None:
        return
    message = parse(composed.raw)
    assert len(message.keys()) == len(parse(make().raw).keys())
    assert str(message["To"]) == composed.to


@given(st.text(max_size=60))
def test_whatever_is_given_as_name_is_refused_or_stays_in_its_header(text: str) -> None:
    composed = make_if_accepted(sender=f"{text} <notices@oracle.shop>")
    if composed is None:
        return
    message = parse(composed.raw)
    assert message.keys() == parse(make().raw).keys()
    assert message["From"].addresses[0].addr_spec == "notices@oracle.shop"
