"""The messages that a mailbox has received. Whatever a message holds, reading it does not fail."""

import email
import email.policy
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message
from functools import cached_property

MOST_KEPT, MOST_BYTES = 500, 256_000


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A message that was received.

    Args:
        number: Counts all messages that the mailbox has received, from 1.
        received_at: When.
        sender: The address of the envelope.
        to: The recipients of the envelope.
        raw: The message as it was received.
    """

    number: int
    received_at: datetime
    sender: str = field(repr=False)
    to: tuple[str, ...] = field(repr=False)
    raw: bytes = field(repr=False)

    @cached_property
    def message(self) -> Message:
        """Return the message with its parts."""
        return email.message_from_bytes(self.raw, policy=email.policy.compat32)

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Return the headers as they were sent, in their order."""
        return [(name, _readable(value)) for name, value in self.message.raw_items()]

    def header(self, name: str) -> str:
        """Return a header with its encoded words decoded; empty if it is missing."""
        value = next((value for named, value in self.headers if named.lower() == name.lower()), "")
        try:
            return str(make_header(decode_header(value)))
        except (ValueError, LookupError):
            return value

    def words(self, kind: str) -> str:
        """Return the first part of a kind, "plain" or "html"; empty if there is none."""
        for part in self.message.walk():
            body = part.get_payload(decode=True) if part.get_content_type() == f"text/{kind}" else None
            if isinstance(body, bytes):
                return _decode(body, part.get_content_charset("utf-8"))
        return ""


class Letters:
    """The newest messages; older ones are dropped. One thread adds, others read."""

    def __init__(self) -> None:
        self._kept: deque[Letter] = deque(maxlen=MOST_KEPT)
        self._count = 0

    def add(self, received_at: datetime, sender: str, to: tuple[str, ...], raw: bytes) -> None:
        """Keep a message."""
        self._count += 1
        self._kept.append(Letter(number=self._count, received_at=received_at, sender=sender, to=to, raw=raw))

    def all(self) -> tuple[Letter, ...]:
        """Return what is kept, the oldest first."""
        return tuple(self._kept.copy())

    def find(self, number: int) -> Letter | None:
        """Return a message by its number."""
        return next((letter for letter in self.all() if letter.number == number), None)


def _decode(body: bytes, charset: str) -> str:
    try:
        return body.decode(charset, "replace")
    except LookupError:
        return body.decode("utf-8", "replace")


def _readable(text: str) -> str:
    """Return a text without what cannot be written as UTF-8: bytes that were none."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
