"""Messages for the tests, what they are made of, and everything that an error tells."""

import traceback
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from typing import Any

from lab.services.mail import Composed, compose

SITE = "https://oracle.shop"
SENDER = "Oracle <notices@oracle.shop>"
TO = "mira.canary@example.org"
PASSWORD, API_KEY = "S3cr3t/W0rd@canary", "re_Canary1234567890"
KEY = "email:email:6f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5:0"
AT = datetime(2026, 11, 30, 7, 0, tzinfo=UTC)
LINKS = {"link": f"{SITE}/r/{'0f1e2d3c' * 8}", "unsubscribe_link": f"{SITE}/u/{'a1b2c3d4' * 4}"}
FIELDS: dict[str, dict[str, Any]] = {
    "email": LINKS,
    "gift": LINKS | {"open_until": date(2026, 12, 14)},
    "receipt": LINKS
    | {
        "amount_minor": 2900,
        "currency": "eur",
        "paid_on": date(2026, 11, 30),
        "order_id": uuid.UUID("6f1c2d3e-4a5b-4c6d-8e7f-90a1b2c3d4e5"),
    },
    "echo": LINKS,
    "recovery": LINKS | {"valid_until": datetime(2026, 11, 30, 14, 30, tzinfo=UTC)},
}


def make(kind: str = "email", **changes: Any) -> Composed:
    """Return a message; `fields` are changed, everything else is replaced."""
    fields = FIELDS[kind] | changes.pop("fields", {})
    given: dict[str, Any] = {"sender": SENDER, "to": TO, "key": KEY, "date": AT, "site": SITE} | changes
    return compose(kind, fields, **given)


def everything_told(error: BaseException) -> str:
    """Return all that a log could show of an error: its texts and its traceback, with every error behind it."""
    return "\n".join(_told(error))


def _told(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from (str(error), repr(error), repr(vars(error)), repr(error.args), *traceback.format_exception(error))
        error = error.__cause__ or error.__context__


class Page(HTMLParser):
    """Reads the words of a page as a person sees them, each link after its label."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self.hidden: list[str] = []
        self._skipped: list[str] = []
        self._links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "a":
            self._links.append(given["href"] or "")
        hides = tag in ("style", "title") or "display:none" in (given.get("style") or "")
        if (hides or self._skipped) and tag not in ("br", "img", "meta", "link"):
            self._skipped.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._skipped:
            self._skipped.pop()
        if tag == "a":
            self.links.append(self._links.pop())
            self.words.append(self.links[-1])

    def handle_data(self, data: str) -> None:
        if "div" in self._skipped:
            self.hidden += data.split()
        elif not self._skipped:
            self.words += data.split()
