"""Checks the fields of a message and writes them for people. Pure."""

import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from urllib.parse import urlsplit

from lab.rules.amounts import format_amount
from lab.rules.currencies import CURRENCIES
from lab.rules.env import ADDRESS
from lab.rules.messages import GIVEN, OPAQUE_PATH
from lab.rules.model import Message
from lab.services.mail.faults import NotComposed

FieldValue = str | int | date | uuid.UUID
# Months by name: those of strftime follow the language of the machine.
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_CODES = {currency.id for currency in CURRENCIES}


def check_fields(message: Message, fields: Mapping[str, FieldValue], site: str) -> dict[str, FieldValue]:
    """Return the fields of a message if they are exactly those that it declares, each of its shape.

    Args:
        message: The message.
        fields: The values: links as `str`, `amount_minor` as `int` in the smallest unit, days as `date`, moments as
            `datetime` with a time zone, ids as `UUID`.
        site: The site's address, with which every link begins.

    Raises:
        NotComposed: One is missing, is not declared, or has another shape. Names it; its value is not shown.
    """
    declared = {field.name: field.shape for field in message.fields if field not in GIVEN}
    for name in sorted(declared.keys() ^ fields.keys()):
        found = "It is missing" if name in declared else "The message does not declare it"
        raise _wrong_field(message, name if name in declared else "", found)
    for name, value in fields.items():
        if not _CHECKS[declared[name]](value, site):
            raise _wrong_field(message, name, f"Its value is no {declared[name]}")
    return dict(fields)


def read_site(site: str) -> str:
    """Return the site's address without a slash at its end.

    Raises:
        NotComposed: It has another form than NEXT_PUBLIC_SITE_URL.
    """
    if not re.fullmatch(ADDRESS, site):
        raise NotComposed("NEXT_PUBLIC_SITE_URL", "It is no address of a site", "Correct it", code="mail.site")
    return site.rstrip("/")


def host_of(site: str) -> str:
    """Return the host of the site, as people read it."""
    return urlsplit(site).hostname or ""


def write_day(day: date) -> str:
    """Return a day, such as 30 November 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def write_moment(moment: datetime) -> str:
    """Return a day and a time of day in UTC, to the minute."""
    there = moment.astimezone(UTC)
    return f"{write_day(there)}, {there:%H:%M} UTC"


FILTERS: dict[str, Callable[..., str]] = {"day": write_day, "moment": write_moment, "amount": format_amount}


def _is_link(value: object, site: str) -> bool:
    """Tell whether a value is an opaque link of the site: no word of a person fits into one."""
    return isinstance(value, str) and value.startswith(site) and bool(re.fullmatch(OPAQUE_PATH, value[len(site) :]))


def _is_day(value: object, _: str) -> bool:
    return isinstance(value, date) and not isinstance(value, datetime)


def _is_moment(value: object, _: str) -> bool:
    return isinstance(value, datetime) and value.tzinfo is not None


def _is_amount(value: object, _: str) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


_CHECKS: dict[str, Callable[[object, str], bool]] = {
    "link": _is_link,
    "day": _is_day,
    "moment": _is_moment,
    "amount": _is_amount,
    "currency": lambda value, _: value in _CODES,
    "id": lambda value, _: isinstance(value, uuid.UUID),
}


def _wrong_field(message: Message, name: str, found: str) -> NotComposed:
    named = f"Field {name} of message {message.id}" if name else f"A field of message {message.id}"
    return NotComposed(named, found, "Give the fields that lab/rules/messages.py declares", code="mail.field")
