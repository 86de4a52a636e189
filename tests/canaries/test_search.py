"""The search finds what it should, in every form, and nothing else: without that the canaries would prove nothing."""

import base64
import gzip
import html
import json
import quopri
import urllib.parse
import zlib
from collections.abc import Callable
from email.header import Header

import pytest

from tests.canaries.search import holds

SECRET = "canary abcdefghij oracle scrolls question"
ESCAPED = "kanarienvögel sängen überall"
FORMS: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda text: text.encode(),
    "in base64": lambda text: base64.b64encode(text.encode()),
    "in base64 behind other bytes": lambda text: base64.b64encode(b"xy" + text.encode()),
    "in base64 for addresses, in lines": lambda text: base64.encodebytes(text.encode() * 4),
    "quoted printable": lambda text: quopri.encodestring((text * 4).encode()),
    "in a header": lambda text: Header(text, "utf-8").encode().encode(),
    "folded": lambda text: text.replace(" ", "\r\n ").encode(),
    "as hexadecimal digits": lambda text: text.encode().hex().encode(),
    "in an address": lambda text: urllib.parse.urlencode({"q": text}).encode(),
    "as a part of a name": lambda text: text.replace(" ", "-").encode(),
    "in HTML": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace"),
    "in JSON": lambda text: json.dumps({"a": text}).encode(),
    "compressed": lambda text: b"stream\n" + zlib.compress(text.encode() * 3) + b"\nendstream",
    "as UTF-16": lambda text: b"(\xfe\xff" + text.encode("utf-16-be") + b")",
    "as UTF-16 in hexadecimal digits": lambda text: b"<FEFF" + text.encode("utf-16-be").hex().encode() + b">",
    "compressed in base64": lambda text: base64.b64encode(zlib.compress(text.encode())),
}


@pytest.mark.parametrize("text", [SECRET, ESCAPED], ids=["ASCII", "letters with marks"])
@pytest.mark.parametrize("form", FORMS)
def test_it_finds_every_form(form: str, text: str) -> None:
    content = b"before " + FORMS[form](text) + b" after"
    assert holds(content, text.encode())
    assert not holds(content, b"canary abcdefghij oracle scrolls answer")


def test_it_finds_nothing_where_nothing_is() -> None:
    assert not holds(gzip.compress(b"x" * 100) + b"a page without secrets", SECRET.encode())
