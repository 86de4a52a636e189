"""Reads what operators see of deliveries: the queue, what waits for a person, and the newest attempts. Read-only."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from lab.rules import RULES
from lab.rules.model import Waiting
from lab.services.operator_views import read_views

PARTS = ("environment", "stopped", "queue", "workers", "waiting", "attempts")
STATES = ("pending", "running", "waiting", "dead", "parked")  # of jobs that are not finished
MOST = 200  # attempts, as their view holds, and things of a kind that wait
SECONDS = 5.0  # of one query

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class WaitingDelivery:
    """Something about deliveries that waits for a person.

    Args:
        waiting: Its kind, with the next step and the acts.
        id: A job, a channel or an environment; None for an environment that was never opened.
        channel: Its channel; None for what is about all of them.
        leg: The job's leg; None for what is no job.
        jobs: How many jobs it is about; None when it is one, or none.
        since: Since when it waits; None when that is unknown.
        attempts: How often the job was tried.
        detail: A code that tells more: the job's error, or the provider that did not answer.
    """

    waiting: Waiting
    id: str | None
    channel: str | None
    leg: str | None
    jobs: int | None
    since: datetime | None
    attempts: int | None
    detail: str | None


@dataclass(frozen=True, kw_only=True)
class Deliveries:
    """What was read, and when. A part that could not be read is in `unread`, with the reason, and has no rows.

    Args:
        read_at: When it was read.
        environment: The environment that was opened last; None when none was, or when it could not be read.
        stopped: The channels that are stopped, with `since`.
        queue: Jobs that are not finished, by `channel` and `status`: `jobs`, those `due`, and the `oldest_due_at`.
        workers: When a worker was last seen; None when it could not be read.
        waiting: What waits, the most urgent first, at most as much of each kind as was asked for.
        totals: How much waits by the kind's id, in the same order.
        attempts: The newest attempts, the newest first.
        unread: The reason by the part's name.
    """

    read_at: datetime
    environment: Row | None
    stopped: tuple[Row, ...]
    queue: tuple[Row, ...]
    workers: Row | None
    waiting: tuple[WaitingDelivery, ...]
    totals: Mapping[str, int]
    attempts: tuple[Row, ...]
    unread: Mapping[str, str]

    @property
    def is_open(self) -> bool:
        """Tell whether deliveries may be sent from this database."""
        return self.environment is not None and not self.environment["copied"]

    def count_errors(self) -> dict[str, int]:
        """Count the error classes of the newest attempts, the most frequent first."""
        return dict(Counter(str(row["error_class"]) for row in self.attempts if row["error_class"]).most_common())

    def count_outcomes(self) -> dict[str, int]:
        """Count the results of the newest attempts, the most frequent first."""
        return dict(Counter(str(row["outcome"]) for row in self.attempts).most_common())


def read_deliveries(url: str, *, most: int = MOST) -> Deliveries:
    """Read the operators' views, with the rights of an operator: nothing personal is read.

    Args:
        url: A database whose login may act as an operator.
        most: Maximum number of attempts, and of what waits of each kind.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        QueryFailed: The login may not act as an operator.
        psycopg.OperationalError: The connection broke.
    """
    parts: dict[str, dict[str, Any]] = {name: {"most": most} for name in PARTS}
    parts["waiting"]["order"] = [waiting.id for waiting in RULES.delivery_waiting]
    found, unread = read_views(url, "deliveries", parts, SECONDS)
    return _make_deliveries({name: found.get(name, []) for name in PARTS}, unread)


def _make_deliveries(found: Mapping[str, list[dict[str, Any]]], unread: Mapping[str, str]) -> Deliveries:
    return Deliveries(
        read_at=datetime.now(UTC),
        environment=next(iter(found["environment"]), None),
        stopped=tuple(found["stopped"]),
        queue=tuple(found["queue"]),
        workers=next(iter(found["workers"]), None),
        waiting=tuple(map(_make_item, found["waiting"])),
        totals={row["waiting"]: row["total"] for row in found["waiting"]},
        attempts=tuple(found["attempts"]),
        unread=unread,
    )


def _make_item(row: dict[str, Any]) -> WaitingDelivery:
    told = {key: value for key, value in row.items() if key != "total"}
    return WaitingDelivery(**{**told, "waiting": RULES.waits(row["waiting"])})
