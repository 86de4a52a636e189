"""A history of both ledgers in a database, as it came about over days, and its anchors."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg

from lab.rules.anchoring import LEDGERS
from lab.rules.model import Table
from lab.services.anchor import Anchors, Signer
from lab.services.anchor.entries import Entry
from lab.services.anchor.reader import LiveLedgers
from lab.services.anchor.store import Log, read_anchors
from lab.services.anchor.verification import Result, verify_ledgers

SIGNER = Signer("test.example/ledgers", bytes(range(32)))
NOW = datetime.now(UTC).replace(microsecond=0)
STEP = timedelta(minutes=20)  # between two entries of the past
LEDGER_IDS = tuple(ledger.id for ledger in LEDGERS)

# No trigger of a table fires, foreign keys included: a hundred times quicker than ALTER TABLE for each.
PAST_EVERY_TRIGGER = """
update pg_catalog.pg_class c set relhastriggers = false where relnamespace = 'public'::regnamespace
   and relkind = 'r' and exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid)
"""
# What a forger writes need not have the form that the wall asks for.
PAST_EVERY_CHECK = """
do $$ declare c record; begin
  for c in select conrelid::regclass as ledger, conname from pg_catalog.pg_constraint
            where contype = 'c'
              and conrelid in ('public.consent_events'::regclass, 'public.admin_audit_events'::regclass)
  loop execute format('alter table %s drop constraint %I', c.ledger, c.conname); end loop; end $$
"""
GIVE = """
select public.record_consent(%s, %s, %s, gen_random_uuid(),
         case when %s = 'given' then (select id from public.consent_notices where purpose = %s limit 1) end, null,
         jsonb_build_object('surface', %s::text))
"""
AGE = """
update public.{0} t
   set created_at = %s::timestamptz + (t.id - (select min(id) from public.{0})) * %s::interval
"""
HASH = "update public.{0} t set row_hash = wall.ledger_content(to_jsonb(t))"
PURPOSES = ("email_delivery", "passport_write", "echo_followup", "ai_processing")


@dataclass
class History:
    """Both ledgers in a database, inside one transaction of the superuser, and their anchors.

    Args:
        connection: The transaction; every trigger is off in it.
        logs: What was anchored.
        blanked: Consents that an erasure blanked, with what they held before.
        gaps: Numbers that no entry has, by ledger.
        older: How many entries each ledger had at an earlier moment, as a backup of then has them.
    """

    connection: psycopg.Connection[Any]
    logs: dict[str, Log] = field(default_factory=dict)
    blanked: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    gaps: dict[str, list[int]] = field(default_factory=dict)

    def numbers(self, ledger: str) -> list[int]:
        """Return the numbers of the anchored entries, in their order."""
        return sorted(self.logs[ledger].ids)

    def verify(self, now: datetime = NOW, *, full: bool = True) -> dict[str, Result]:
        """Verify both ledgers as they are now."""
        results = verify_ledgers(LiveLedgers(self.connection), self.logs, now, full=full)
        return {result.ledger: result for result in results}


class Until(LiveLedgers):
    """The ledgers as they were at an earlier moment."""

    def __init__(self, connection: psycopg.Connection[Any], moment: datetime) -> None:
        super().__init__(connection)
        self._latest = int(moment.timestamp() * 1_000_000)

    def entries(self, ledger: Table, since: int | None = None) -> Iterator[Entry]:
        """Yield the entries that had been written by then."""
        return (entry for entry in super().entries(ledger, since) if entry.created <= self._latest)


def make_history(connection: psycopg.Connection[Any], path: Path, people: int = 8) -> History:
    """Write a history of days, blank one person's entries as erasure does, and anchor it four times."""
    history = History(connection)
    subjects = [_add_person(connection) for _ in range(people)]
    for place, subject in enumerate(subjects):
        _decide(connection, subject, place)
        connection.execute(
            "select nextval('public.consent_events_id_seq'), nextval('public.admin_audit_events_id_seq')"
        )
    _blank(history, subjects[1])
    connection.execute(PAST_EVERY_TRIGGER)
    _age(connection)
    _anchor(history, path)
    _write_fresh(connection, subjects)
    connection.execute(PAST_EVERY_CHECK.encode())
    for ledger in LEDGER_IDS:
        connection.execute(
            f"alter table public.{ledger} alter id drop identity".encode()
        )  # so that numbers can be forged
        present = set(history.logs[ledger].ids)
        history.gaps[ledger] = [n for n in range(min(present), max(present)) if n not in present]
    return history


def _add_person(connection: psycopg.Connection[Any]) -> uuid.UUID:
    subject = uuid.uuid4()
    connection.execute("insert into auth.users (id, is_anonymous, aud, role) values (%s, false, 'a', 'a')", [subject])
    return subject


def _decide(connection: psycopg.Connection[Any], subject: uuid.UUID, place: int) -> None:
    for number, purpose in enumerate(PURPOSES):
        for action in ("given", "withdrawn", "given")[: 1 + (place + number) % 3]:
            connection.execute(GIVE, [subject, purpose, action, action, purpose, f"page-{place}"])
    connection.execute("select public.record_audit_event('operator', 'thing.done', 'products', %s)", [str(place)])


def _blank(history: History, subject: uuid.UUID) -> None:
    """Blank a person's entries past the wall, with the lines that erasure writes."""
    held = history.connection.execute(
        "select id, subject_id, evidence::text, personal_salt from public.consent_events where subject_id = %s",
        [subject],
    ).fetchall()
    history.blanked = {row[0]: row[1:] for row in held}
    for number in history.blanked:
        line = "select public.record_audit_event('server', 'consent.blanked', 'consent_events', %s)"
        history.connection.execute(line, [str(number)])
    history.connection.execute("set constraints all immediate")  # no table is altered while something waits for it
    history.connection.execute("set local session_replication_role = replica")
    history.connection.execute("alter table public.consent_events disable trigger user")
    history.connection.execute(
        "update public.consent_events set subject_id = null, evidence = null, personal_salt = null where id = any(%s)",
        [list(history.blanked)],
    )


def _age(connection: psycopg.Connection[Any]) -> None:
    """Date the entries over the days before, as if they had been written then."""
    for ledger in LEDGER_IDS:
        row = connection.execute(f"select max(id) - min(id) from public.{ledger}").fetchone()
        assert row
        begin = NOW - timedelta(hours=6) - STEP * row[0]
        connection.execute(AGE.format(ledger).encode(), [begin, STEP])
        connection.execute(HASH.format(ledger).encode())


def _anchor(history: History, path: Path) -> None:
    anchors = Anchors(path, SIGNER)
    for ago in (timedelta(hours=30), timedelta(hours=12), timedelta(minutes=20), timedelta(minutes=5)):
        anchors.anchor_ledgers(Until(history.connection, NOW - ago), NOW - ago)
    history.logs = read_anchors(path, (SIGNER.verifier,))
    assert all(history.logs.values())


def _write_fresh(connection: psycopg.Connection[Any], subjects: list[uuid.UUID]) -> None:
    """Write entries that no anchor knows yet."""
    connection.execute(
        "insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, row_hash)"
        " values ('server', 'thing.done', 'products', '1', 'done', '\\x00')"
    )
    connection.execute(
        "insert into public.consent_events (request_id, subject_id, purpose, action, personal_salt, personal_digest,"
        " row_hash) select gen_random_uuid(), s, 'email_delivery', 'withdrawn', salt,"
        " sha256(convert_to(salt::text || s::text, 'UTF8')), '\\x00'"
        " from (select %s::uuid as s, gen_random_uuid() as salt) p",
        [subjects[0]],
    )
    for ledger in LEDGER_IDS:
        connection.execute(HASH.format(ledger).encode())
