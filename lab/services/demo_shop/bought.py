"""What a purchase brings its buyer: a reading, its file and the messages about it."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import psycopg
from psycopg.errors import InsufficientPrivilege

from lab.rules import jobs
from lab.services.acting import acting_as_server
from lab.services.delivery.artifacts import REFERENCE_DIGITS
from lab.services.documents import Reading

QUESTION = "Which door should I open next?"
ANSWER = """The lantern shows a door that opens inwards. You have pushed against it for a year.

Step back, and it opens by itself. What you carry is lighter than it was, and the tide turns before the moon is full.

Keep the lamp. Let the key go."""
Row = dict[str, Any]


def bring_readings(connection: psycopg.Connection[Any], since: datetime) -> int:
    """Make a reading for each purchase of the demo that was unlocked and has none, and queue its deliveries.

    Args:
        connection: One without an open transaction, whose login may act as the site's server.
        since: The beginning of the demo.

    Returns:
        How many were made. Two calls at once make each once, because a purchase is locked meanwhile.
    """
    made = 0
    with acting_as_server(connection):
        for purchase, buyer in connection.execute(_UNLOCKED, {"since": since}).fetchall():
            made += _bring_unless_erased(connection, purchase, buyer)
    return made


def _bring_unless_erased(connection: psycopg.Connection[Any], purchase: UUID, buyer: UUID) -> bool:
    """Bring a buyer's reading. A buyer who is being erased gets none; the others get theirs."""
    try:
        with connection.transaction():
            _bring(connection, purchase, buyer)
    except InsufficientPrivilege:
        return False
    return True


def _bring(connection: psycopg.Connection[Any], purchase: UUID, buyer: UUID) -> None:
    scroll, artifact = uuid4(), uuid4()
    connection.execute(_SCROLL, [scroll, buyer, QUESTION, ANSWER])
    connection.execute("select public.seal_scroll(%s)", [scroll])
    connection.execute(_ARTIFACT, [artifact, buyer, scroll, purchase])
    _queue(connection, jobs.pdf.id, buyer, artifact)
    try:
        with connection.transaction():
            _queue(connection, jobs.email.id, buyer, artifact)
    except InsufficientPrivilege:
        pass  # the buyer has not allowed e-mail; the reading is in the account


def _queue(connection: psycopg.Connection[Any], channel: str, buyer: UUID, artifact: UUID) -> None:
    connection.execute("select public.enqueue_delivery_job(%s, %s, %s)", [channel, buyer, artifact])


def read_deliveries(connection: psycopg.Connection[Any], session: str) -> list[Row]:
    """Return the deliveries of the purchase of a checkout session, and whether the file is ready."""
    with acting_as_server(connection):
        cursor = connection.execute(_DELIVERIES, {"session": session})
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor]


def read_file(connection: psycopg.Connection[Any], artifact: UUID, owner: UUID) -> str | None:
    """Return where an artifact's file is kept; None if it is not its owner's, or not ready."""
    with acting_as_server(connection):
        row = connection.execute(_FILE, [artifact, owner]).fetchone()
    return None if row is None else str(row[0])


def read_reading(connection: psycopg.Connection[Any], artifact: UUID, owner: UUID) -> Reading | None:
    """Return the reading of an artifact; None if it is not its owner's."""
    with acting_as_server(connection):
        row = connection.execute(_READING, [artifact, owner]).fetchone()
    if row is None:
        return None
    question, answer, locale, made_at = row
    return Reading(
        question=question,
        answer=answer or "",
        language=locale or "en",
        made_on=made_at.date(),
        reference=str(artifact)[:REFERENCE_DIGITS],
    )


def read_link(connection: psycopg.Connection[Any], token: str) -> tuple[str, str] | None:
    """Return purpose and channel of a link, and use nothing; None for an invalid one."""
    with acting_as_server(connection):
        row = connection.execute("select purpose, channel from public.read_delivery_link(%s)", [token]).fetchone()
    return None if row is None else (str(row[0]), str(row[1]))


def use_link(connection: psycopg.Connection[Any], token: str) -> Row | None:
    """Use a link; return its purpose, and the session of the purchase to which it leads. None for an invalid one."""
    with acting_as_server(connection):
        used = connection.execute(_USE, [token]).fetchone()
        if used is None:
            return None
        purpose, artifact, purchase = used
        row = connection.execute(_SESSION, {"artifact": artifact, "purchase": purchase}).fetchone()
    return {"purpose": purpose, "session": row[0] if row else None}


_UNLOCKED = """
select p.id, p.buyer_subject_id
from public.purchases p
where p.created_at >= %(since)s and p.unlocked_at is not null and p.status = 'paid' and p.buyer_subject_id is not null
  and not exists (select from public.oracle_artifacts a where a.purchase_id = p.id)
for update of p skip locked
"""
_SCROLL = "insert into public.oracle_scrolls (id, subject_id, question, answer) values (%s, %s, %s, %s)"
_ARTIFACT = """
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, purchase_id) values (%s, %s, %s, 'pdf', %s)
"""
_DELIVERIES = """
select j.channel, j.leg, j.status, a.id as artifact, a.state = 'ready' and a.storage_path is not null as ready
from public.purchases p
join public.delivery_jobs j on j.purchase_id = p.id
     or j.artifact_id in (select b.id from public.oracle_artifacts b where b.purchase_id = p.id)
left join public.oracle_artifacts a on a.id = j.artifact_id and j.channel = 'pdf'
where p.checkout_session_id = %(session)s
order by j.id
"""
_FILE = """
select storage_path from public.oracle_artifacts
where id = %s and subject_id = %s and state = 'ready' and storage_path is not null
"""
_READING = """
select s.question, s.answer, s.locale, s.created_at
from public.oracle_artifacts a join public.oracle_scrolls s on s.id = a.scroll_id
where a.id = %s and a.subject_id = %s and a.state = 'ready'
"""
_USE = "select purpose, artifact_id, purchase_id from public.use_delivery_link(%s)"
_SESSION = """
select p.checkout_session_id from public.purchases p
where p.id = %(purchase)s or p.id = (select a.purchase_id from public.oracle_artifacts a where a.id = %(artifact)s)
"""
