"""Reads bounces and complaints that arrive as e-mail. Pure.

Nobody signs them: whoever knows an address can write such a report. Each result has the Message-ID of the e-mail that
came back, which nobody knows but its recipient.

Source: RFC 3464 (delivery status), RFC 3461 section 4 (xtext), RFC 6533 (other alphabets), RFC 5965 (complaints).
"""

import email
import email.policy
import re
from collections.abc import Iterator
from email.message import Message
from email.utils import getaddresses

from lab.rules.providers import ADDRESS_FAILURES
from lab.services.mail.suppressions import Suppression, suppress

_STATUS = re.compile(r"\s*([245]\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
_TYPED = re.compile(r"\s*(rfc822|utf-8)\s*;\s*(.+?)\s*", re.IGNORECASE | re.DOTALL)
_XTEXT = re.compile(r"\+([0-9A-F]{2})")
_MESSAGE_ID = re.compile(r"<[^<>\s]{1,250}>")
_ABUSE = ("abuse", "fraud", "virus", "other")  # `not-spam` says the opposite
_MOST_BYTES = 1_000_000


def read_report(raw: bytes) -> tuple[Suppression, ...]:
    """Return what a report suppresses: addresses that failed for good, and those whose owner complained.

    Args:
        raw: An e-mail as it arrived. Anything but a report, or one of more than a megabyte, suppresses nothing.
    """
    if len(raw) > _MOST_BYTES:
        return ()
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    if message.get_content_type() != "multipart/report" or not message.is_multipart():
        return ()
    kind = str(message.get_param("report-type", "")).lower()
    found = {"delivery-status": _read_status, "feedback-report": _read_feedback}.get(kind)
    return tuple(dict.fromkeys(found(message))) if found else ()


def _read_status(report: Message) -> Iterator[Suppression]:
    """Yield the addresses that failed for good; each has a block of its own after the first, which is about servers."""
    returned = _returned(report)
    for part in _parts(report, "message/delivery-status", "message/global-delivery-status"):
        for block in _blocks(part):
            status = _STATUS.match(_text(block, "Status"))
            address = _address(_text(block, "Original-Recipient")) or _address(_text(block, "Final-Recipient"))
            failed = _text(block, "Action").strip().lower() == "failed"
            if failed and address and status and status[1] in ADDRESS_FAILURES:
                yield from suppress(address, "hard_bounce", status[1], _message_id(returned))


def _read_feedback(report: Message) -> Iterator[Suppression]:
    """Yield the addresses that complained; a provider that hides them leaves the recipient of the returned message."""
    returned = _returned(report)
    for part in _parts(report, "message/feedback-report"):
        for block in _blocks(part):
            kind = _text(block, "Feedback-Type").strip().lower()
            told = [str(value) for value in block.get_all("Original-Rcpt-To", [])]
            addresses = told or ([_text(returned, "To")] if returned else [])
            for _, address in getaddresses(addresses) if kind in _ABUSE else ():
                if "@" in address:
                    yield from suppress(address, "complaint", kind, _message_id(returned))


def _parts(report: Message, *kinds: str) -> Iterator[Message]:
    return (part for part in report.walk() if part is not report and part.get_content_type() in kinds)


def _blocks(part: Message) -> list[Message]:
    """Return the groups of fields of a part. Of some kinds the parser reads the first group alone."""
    if not part.is_multipart():
        return _split(part)
    read = [block for block in part.get_payload() if isinstance(block, Message)]
    return [group for block in read for group in (block, *_split(block))]


def _split(part: Message) -> list[Message]:
    """Return the groups of fields in the text of a part."""
    body = part.get_payload(decode=True)
    texts = re.split(rb"\r?\n\r?\n", body) if isinstance(body, bytes) else []
    return [email.message_from_bytes(text.lstrip(), policy=email.policy.compat32) for text in texts]


def _returned(report: Message) -> Message | None:
    """Return the headers of the message that came back."""
    for part in _parts(report, "message/rfc822", "message/global", "text/rfc822-headers", "message/global-headers"):
        return next(iter(_blocks(part)), None)
    return None


def _message_id(returned: Message | None) -> str | None:
    found = _MESSAGE_ID.search(_text(returned, "Message-ID")) if returned else None
    return found[0] if found else None


def _address(told: str) -> str | None:
    """Return the address in a field such as `rfc822; a@b.example`, without its escapes."""
    typed = _TYPED.fullmatch(told)
    if not typed:
        return None
    address = _XTEXT.sub(lambda found: chr(int(found[1], 16)), typed[2]).strip("<>")
    return address if "@" in address and not re.search(r"\s", address) else None


def _text(block: Message, name: str) -> str:
    return str(block.get(name, ""))
