"""What the handlers read of a job: for a message only what its declaration allows, for a file the reading itself."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import psycopg
from psycopg.errors import InsufficientPrivilege

from lab.services.acting import acting_as_server
from lab.services.delivery.claims import ClaimedJob

Connection = psycopg.Connection[Any]
_PAYMENT = "select amount_minor, currency, paid_at, id from public.purchases where id = %s and paid_at is not null"
_INVITATION = """select g.id, g.expires_at from public.gift_recipients g
                  where g.artifact_id = %s and g.subject_id = %s and g.withdrawn_at is null and g.accepted_at is null
                  order by g.created_at desc, g.id limit 1"""
_READING = """select s.question, s.answer, s.locale, s.created_at, a.state, a.storage_path
                from public.oracle_artifacts a join public.oracle_scrolls s on s.id = a.scroll_id
               where a.id = %s and a.kind = 'pdf'"""
_CARD = """select o.title, o.symbol, o.palette, o.one_line, c.locale
             from public.share_cards c cross join lateral public.open_share_card(c.slug) o
            where c.artifact_id = %s and c.revoked_at is null"""
_FILE = """update public.oracle_artifacts
              set storage_path = %s, content_sha256 = %s, state = 'ready', ready_at = coalesce(ready_at, now())
            where id = %s and state in ('draft', 'ready')
              and exists (select from public.delivery_jobs j where j.id = %s and j.lease_token = %s
                            and j.lease_until > clock_timestamp())"""


@dataclass(frozen=True, kw_only=True)
class Payment:
    """What a receipt shows."""

    amount_minor: int
    currency: str
    paid_at: datetime
    order: UUID


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """An open invitation; its address is not among it."""

    id: UUID
    open_until: datetime


@dataclass(frozen=True, kw_only=True)
class PaidReading:
    """A reading, and its artifact's state and file."""

    question: str = field(repr=False)
    answer: str = field(repr=False)
    locale: str
    made_at: datetime
    state: str
    stored: str | None


def read_payment(connection: Connection, job: ClaimedJob) -> Payment | None:
    """Return the payment of a job's purchase; None when it is not paid."""
    row = _read(connection, _PAYMENT, job.purchase)
    return Payment(amount_minor=row[0], currency=row[1], paid_at=row[2], order=row[3]) if row else None


def read_invitation(connection: Connection, job: ClaimedJob) -> Invitation | None:
    """Return the open invitation to a job's gift; None when there is none."""
    row = _read(connection, _INVITATION, job.artifact, job.subject)
    return Invitation(id=row[0], open_until=row[1]) if row else None


def read_reading(connection: Connection, job: ClaimedJob) -> PaidReading | None:
    """Return the reading of a job's PDF; None when there is none."""
    row = _read(connection, _READING, job.artifact)
    if row is None:
        return None
    question, answer, locale, made_at, state, stored = row
    return PaidReading(
        question=question, answer=answer or "", locale=locale or "en", made_at=made_at, state=state, stored=stored
    )


def read_card(connection: Connection, job: ClaimedJob) -> tuple[str, str, str, str, str] | None:
    """Return title, symbol, palette, line and language of a job's open card; None when no card is open."""
    row = _read(connection, _CARD, job.artifact)
    return (row[0], row[1], row[2], row[3], row[4]) if row else None


def keep_file(connection: Connection, job: ClaimedJob, name: str, sha256: bytes) -> bool:
    """Write down where a job's file is, and that it is ready; False when its artifact takes none.

    It takes none when the lease was lost, it was withdrawn, or its card is closed.
    """
    try:
        with acting_as_server(connection):
            return connection.execute(_FILE, [name, sha256, job.artifact, job.id, job.token]).rowcount == 1
    except InsufficientPrivilege:
        return False


def _read(connection: Connection, query: str, *values: object) -> tuple[Any, ...] | None:
    with acting_as_server(connection):
        return connection.execute(query.encode(), values).fetchone()
