"""Reads the shape of a real order with the rights of an operator, so that nothing personal is read. Read-only."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from lab.rules import RULES
from lab.services.operator_views import read_views
from lab.text.errors import LabError

SECONDS = 5.0  # of one query
PARTS = ("purchase", "jobs", "events", "after")
_PATHS = {job.support_path: job.id for job in RULES.jobs}
Rows = list[dict[str, Any]]


class OrderUnknown(LabError):
    """An order cannot be found or read."""


@dataclass(frozen=True, kw_only=True)
class JobShape:
    """A job of an order.

    Args:
        channel: Its channel.
        leg: Its leg.
        status: Its state.
        attempts: How often it was tried.
        message: What its provider said: intent, sent or uncertain; None without a call that counts.
        provider: The provider; None without a call.
        failed: Number, outcome and error class of each attempt that did not deliver.
    """

    channel: str
    leg: str
    status: str
    attempts: int
    message: str | None
    provider: str | None
    failed: tuple[tuple[int, str, str | None], ...]

    @property
    def name(self) -> str:
        """Return channel and leg."""
        return f"{self.channel}.{self.leg}"


@dataclass(frozen=True, kw_only=True)
class OrderShape:
    """The shape of an order: states and kinds alone.

    Args:
        layer: What was bought.
        status: State of the purchase.
        unlocked: Whether it is unlocked.
        quantity: Number of pieces.
        for_another: Whether it was bought for another person.
        accepted: Whether the recipient of a gift has accepted it.
        email_consent: Whether the buyer's e-mail consent stands; None when it was never decided.
        jobs: Its jobs.
        events: Kind, state and number of deliveries of each event, in the order in which they came.
        after: Kind and state of each refund, dispute, review and withdrawal.
    """

    layer: str
    status: str
    unlocked: bool
    quantity: int
    for_another: bool
    accepted: bool
    email_consent: bool | None
    jobs: tuple[JobShape, ...]
    events: tuple[tuple[str, str, int], ...] = field(default=())
    after: tuple[tuple[str, str], ...] = field(default=())


def read_order(url: str, named: str) -> OrderShape:
    """Return the shape of an order. Read-only.

    Args:
        url: A database whose login may act as an operator.
        named: The purchase's id, the number of one of its jobs, or a support path, whose newest job is taken.

    Raises:
        OrderUnknown: It is no name of an order, or the target has none, or a part of it cannot be read.
        DatabaseUnavailable: The database cannot be reached.
        QueryFailed: The login may not act as an operator.
    """
    order = _find(url, named)
    found, unread = read_views(url, "orders", {part: {"order": order} for part in PARTS}, SECONDS)
    for part, reason in unread.items():
        if part == "events":  # no index finds all of them, so a large table may take too long
            found["events"] = []
            continue
        raise OrderUnknown("The order", f"Its part “{part}” cannot be read: {reason}", "Try again")
    return make_shape(found)


def make_shape(found: Mapping[str, Rows]) -> OrderShape:
    """Return the shape that the rows of all parts have."""
    (bought,) = found["purchase"]
    return OrderShape(
        **bought,
        jobs=tuple(JobShape(**{**row, "failed": tuple(map(tuple, row["failed"]))}) for row in found["jobs"]),
        events=tuple((row["type"], row["status"], row["deliveries"]) for row in found["events"]),
        after=tuple((row["kind"], row["status"]) for row in found["after"]),
    )


def _find(url: str, named: str) -> str:
    found, unread = read_views(url, "orders", {"find": read_name(named)}, SECONDS)
    if unread:
        raise OrderUnknown("The order", f"It cannot be looked up: {unread['find']}", "Try again")
    if not found["find"]:
        raise OrderUnknown("The order", "The target has none of this name", "Copy a purchase's id or a job's number")
    return str(found["find"][0]["id"])


def read_name(named: str) -> dict[str, str | int | None]:
    """Return what a name looks for: a purchase, a job or a channel.

    Raises:
        OrderUnknown: It is none of them. The name is not repeated: anything may have been pasted there.
    """
    text = named.strip()
    wanted: dict[str, str | int | None] = {"purchase": None, "job": None, "channel": None}
    if re.fullmatch(r"[0-9]{1,18}", text):
        return {**wanted, "job": int(text)}
    if text.startswith("/"):
        return {**wanted, "channel": _read_path(text)}
    try:
        return {**wanted, "purchase": str(UUID(text))}
    except ValueError:
        raise OrderUnknown(
            "The order", "It is no purchase's id, job's number or support path", "Copy one from Payments or Deliveries"
        ) from None


def _read_path(path: str) -> str:
    parts = urlsplit(path)
    channel = parse_qs(parts.query).get("channel", [""])[0]
    found = _PATHS.get(f"{parts.path}?channel={channel}")
    if not found:
        raise OrderUnknown("The support path", "No job has it", f"Use one such as {next(iter(_PATHS))}")
    return found
