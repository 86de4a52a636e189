"""Composes a message. Pure: the same input gives the same bytes, so a repetition can be compared with what was sent."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime

from lab.rules.messages import MESSAGES
from lab.rules.model import Message
from lab.services.mail.address import Sender, read_address, read_sender
from lab.services.mail.faults import NotComposed
from lab.services.mail.fields import FieldValue, check_fields, host_of, read_site
from lab.services.mail.mime import Part, write_message, write_sender
from lab.services.mail.wording import draw

_BY_ID = {message.id: message for message in MESSAGES}
KEY = re.compile(r"[A-Za-z0-9:_.-]{1,200}")


@dataclass(frozen=True, kw_only=True)
class Composed:
    """A message that is ready to be sent. Its `repr` shows neither the address nor the words.

    Args:
        raw: The message with all headers, lines ending in CR LF.
        sha256: Of `raw`.
        message_id: The Message-ID with its angle brackets. It follows from the key alone.
        to: The recipient's address as it is handed to the provider.
        sender: The sender's address, to which bounces come back.
    """

    raw: bytes = field(repr=False)
    sha256: bytes = field(repr=False)
    message_id: str
    to: str = field(repr=False)
    sender: str


def compose(
    kind: str, fields: Mapping[str, FieldValue], *, sender: str, to: str, key: str, date: datetime, site: str
) -> Composed:
    """Compose the message of a job's e-mail leg.

    Args:
        kind: Which message: the id of the job, which is the channel of `delivery_jobs`.
        fields: Exactly the fields that `lab/rules/messages.py` declares for it, but for `shop` and `host`.
        sender: EMAIL_FROM.
        to: The recipient's address, the only personal thing in a message.
        key: The job's idempotency key.
        date: When the message was composed first, with a time zone; seconds count.
        site: NEXT_PUBLIC_SITE_URL; every link begins with it.

    Raises:
        NotComposed: Something is missing or has another form. Its `code` is short, and no value is shown.
    """
    message = _find(kind)
    _check_key(key, date)
    site = read_site(site)
    values = check_fields(message, fields, site)
    sent_by, recipient = read_sender(sender), read_address(to, "recipient")
    host = host_of(site)
    wording = draw(message, values | {"shop": sent_by.name or host, "host": host})
    message_id = f"<{_digest(key)[:40]}@{sent_by.address.domain}>"
    parts = (Part(kind="plain", text=wording.text), Part(kind="html", text=wording.html))
    headers = _headers(message, sent_by, recipient.written, message_id, date, str(values["unsubscribe_link"]))
    raw = write_message(headers, parts, "=_" + _digest(key + headers["Date"])[:40])
    return Composed(
        raw=raw,
        sha256=hashlib.sha256(raw).digest(),
        message_id=message_id,
        to=recipient.written,
        sender=sent_by.address.written,
    )


def _headers(
    message: Message, sender: Sender, to: str, message_id: str, date: datetime, unsubscribe_link: str
) -> dict[str, str]:
    """Return the headers in their order."""
    return {
        "From": write_sender(sender),
        "To": to,
        "Subject": message.subject,
        "Date": format_datetime(date.astimezone(UTC)),
        "Message-ID": message_id,
        "List-Unsubscribe": f"<{unsubscribe_link}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "Auto-Submitted": "auto-generated",
    }


def _find(kind: str) -> Message:
    if kind not in _BY_ID:
        raise NotComposed(
            "The message", "There is none of this kind", f"Use one of {', '.join(_BY_ID)}", code="mail.kind"
        )
    return _BY_ID[kind]


def _check_key(key: str, date: datetime) -> None:
    if not KEY.fullmatch(key):
        raise NotComposed("The key", "It is no idempotency key", "Give the job's own", code="mail.key")
    if date.tzinfo is None:
        raise NotComposed("The date", "It has no time zone", "Give one in UTC", code="mail.date")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
