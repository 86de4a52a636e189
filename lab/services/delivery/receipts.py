"""Finds out whether a file was allowed to leave, and when: by its hash alone."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg

from lab.database.connect import connect
from lab.database.read_only import read_only_transaction
from lab.services.acting import ROLE

SECONDS = 10


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """What the database knows of a message or a file.

    Args:
        kind: message, or file for what was put into an account.
        state: Of a message intent, sent, refused or uncertain; of a file the state of its artifact.
        at: When its consent was judged, or when the file was ready.
        rules_version: The first digits of the SHA-256 of the rules then; None for a file, which needs no consent.
        consent: Number of the ledger entry that allowed it; None for a file.
        given_at: When that consent was given; None for a file.
        sealed: Position of that entry in the hash chain; None while it is not sealed yet, and for a file.
        withdrawn_at: When the consent was withdrawn afterwards; None if it was not.
    """

    kind: str
    state: str
    at: datetime
    rules_version: str | None = None
    consent: int | None = None
    given_at: datetime | None = None
    sealed: int | None = None
    withdrawn_at: datetime | None = None


def find_receipts(url: str, sha256: bytes) -> list[Receipt]:
    """Return what the database knows of the content with this hash, oldest first.

    Args:
        url: The database's URL, by a login that may act as the site's server.
        sha256: SHA-256 of the content, 32 bytes.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        psycopg.Error: The login may not read it.
    """
    with connect(url, read_only=True) as connection, read_only_transaction(connection, {"role": ROLE}, SECONDS):
        messages = _read(connection, _MESSAGES, sha256)
        files = _read(connection, _FILES, sha256)
    return sorted((Receipt(**row) for row in (*messages, *files)), key=lambda receipt: receipt.at)


def _read(connection: psycopg.Connection[Any], query: str, sha256: bytes) -> list[dict[str, Any]]:
    cursor = connection.execute(query.encode(), {"sha256": sha256})
    names = [column.name for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor]


_MESSAGES = """
select 'message' as kind, e.state, e.created_at as at, e.rules_version, g.id as consent, g.created_at as given_at,
       (select s.position from public.ledger_seals s where s.ledger = 'consent_events' and s.row_id = g.id) as sealed,
       (select min(w.created_at) from public.consent_events w
         where w.subject_id = g.subject_id and w.purpose = g.purpose and w.scope_id is not distinct from g.scope_id
           and w.action = 'withdrawn' and w.id > g.id) as withdrawn_at
from public.delivery_effects e
join public.consent_events g on g.id = e.consent_event_id
where e.content_sha256 = %(sha256)s
"""
_FILES = """
select 'file' as kind, a.state, coalesce(a.ready_at, a.created_at) as at
from public.oracle_artifacts a
where a.content_sha256 = %(sha256)s
"""
