"""Reads what operators see of payments: what waits for a person, and the newest rows of each kind. Read-only."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from lab.rules import RULES
from lab.rules.model import OperatorAct, Waiting
from lab.services.operator_views import read_views

LISTS = ("purchases", "events", "reviews", "refunds", "disputes", "links")
MOST = 200  # rows of each list
SECONDS = 10.0  # of one query

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class WaitingItem:
    """Something that waits for a person.

    Args:
        waiting: Its kind, with the next step and the acts.
        id: A review, an event, a dispute or a purchase.
        purchase_id: The purchase that it is about; None when it is unknown.
        session_id: The checkout session; None when none is known.
        payment_id: Stripe's PaymentIntent; None when none is known.
        amount: For people; None when it is unknown.
        livemode: True for real money.
        since: Since when it waits.
        due_at: Until when it must be done; None when there is no such date.
        detail: A code that tells more, such as an event's error.
    """

    waiting: Waiting
    id: str
    purchase_id: UUID | None
    session_id: str | None
    payment_id: str | None
    amount: str | None
    livemode: bool
    since: datetime
    due_at: datetime | None
    detail: str | None

    def subject_of(self, act: OperatorAct) -> str:
        """Return the id that an act is given: what waits, or the session that Stripe is asked for."""
        return self.id if act.function else self.session_id or self.id


@dataclass(frozen=True, kw_only=True)
class Listing:
    """The newest rows of one kind.

    Args:
        rows: At most as many as were asked for, the newest first.
        total: The number of all rows.
    """

    rows: tuple[Row, ...]
    total: int


@dataclass(frozen=True, kw_only=True)
class Payments:
    """What was read, and when. A part that could not be read is in `unread`, with the reason, and nowhere else.

    Args:
        read_at: When it was read.
        waiting: What waits, the most urgent first; None when it could not be read.
        lists: The rows by kind.
        unread: The reason by the part's name.
    """

    read_at: datetime
    waiting: tuple[WaitingItem, ...] | None
    lists: Mapping[str, Listing]
    unread: Mapping[str, str]


def read_payments(url: str, *, most: int = MOST) -> Payments:
    """Read the operators' views, with the rights of an operator: nothing personal can be read with them.

    Args:
        url: A database whose login may act as an operator.
        most: Maximum number of rows of each list, and of what waits.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        QueryFailed: The login may not act as an operator.
        psycopg.OperationalError: The connection broke.
    """
    order = [waiting.id for waiting in RULES.waiting]
    lists = {name: {"most": most} for name in LISTS}
    found, unread = read_views(url, "payments", {"waiting": {"most": most, "order": order}, **lists}, SECONDS)
    return Payments(
        read_at=datetime.now(UTC),
        waiting=tuple(map(_make_item, found["waiting"])) if "waiting" in found else None,
        lists={name: _make_listing(found[name]) for name in LISTS if name in found},
        unread=unread,
    )


def _make_item(row: dict[str, Any]) -> WaitingItem:
    return WaitingItem(**{**row, "waiting": RULES.waits(row["waiting"])})


def _make_listing(rows: list[dict[str, Any]]) -> Listing:
    total = rows[0]["total"] if rows else 0
    return Listing(rows=tuple({key: row[key] for key in row if key != "total"} for row in rows), total=total)


def count_waiting(count: int) -> str:
    """Say how much waits for a person."""
    return "Nothing waits for a person" if not count else f"{count} wait{'s' * (count == 1)} for a person"
