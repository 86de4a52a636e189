"""Chapters: their state on real databases, sound and broken; and the demo data that they are shown with."""

from collections.abc import Callable

import psycopg
import pytest

from lab import RULES
from lab.chapters import CHECK_FOLDER, ProofState, read_chapters
from lab.database import connect
from lab.demo import prepare_demo
from lab.embedded import EmbeddedPostgres
from tests.servers import Database

Databases = Callable[..., Database]

UNPROVED = {12, 15, 16}

# What breaks each question's promise: as the superuser, with the wall's triggers asleep.
HARMS = {
    "constraints_not_valid": "alter table products add constraint slack check (title <> '') not valid",
    "consents_unlike_ledger": "update consents set standing = not standing",
    "consent_ledger_broken": 'update consent_events set evidence = \'{"surface": "other"}\' where id = 1',
    "audit_trail_broken": "update admin_audit_events set outcome = 'failed' where id = 1",
    "seals_broken": "update oracle_scrolls set answer = answer || '.'",
    "echoes_late": "update echo_entries set due_at = now() - interval '2 days'",
    "leases_expired": "select claim_delivery_jobs('gone', 1, 1);"
    " update delivery_jobs set lease_until = now() - interval '1 hour' where status = 'running'",
    "emails_without_consent": "update delivery_jobs set status = 'pending' where status = 'cancelled'",
    "links_without_product": "update products set active = false",
    "operator_reaches_tables": "grant select (question) on oracle_scrolls to oracle_operator",
    "privacy_requests_overdue": "update privacy_requests set due_at = now() - interval '1 day'",
    "tables_without_forced_rls": "alter table products no force row level security",
    "anon_reaches_tables": "grant select (id) on products to anon",
    "paid_not_unlocked": "update purchases set unlocked_at = null, paid_at = now() - interval '1 hour'",
    "stripe_events_waiting": "update stripe_events set status = 'received', created_at = now() - interval '2 hours'",
    "ai_reaches_more": "grant select on oracle_scrolls to ai_worker",
}
QUERIES = {proof.query for chapter in RULES.chapters for proof in chapter.proofs if proof.query}


def test_every_question_has_a_harm_and_every_file_a_question() -> None:
    assert set(HARMS) == QUERIES
    assert {path.stem for path in CHECK_FOLDER.glob("*.sql")} == {*QUERIES, "objects"}


@pytest.fixture
def demo(server: EmbeddedPostgres, database: Databases) -> Database:
    made = database(server)
    prepare_demo(made.url)
    return made


def test_demo_keeps_every_promise_that_can_be_asked(demo: Database) -> None:
    states = {chapter.number: chapter.state for chapter in read_chapters(demo.url)}
    assert {number for number, state in states.items() if state is ProofState.UNKNOWN} == UNPROVED
    assert {state for number, state in states.items() if number not in UNPROVED} == {ProofState.HOLDS}


def test_demo_twice_is_demo_once(demo: Database) -> None:
    count = "select count(*) from oracle_scrolls union all select count(*) from delivery_jobs"
    with connect(demo.url, read_only=True) as connection:
        before = connection.execute(count).fetchall()
        connection.rollback()
        prepare_demo(demo.url)
        assert connection.execute(count).fetchall() == before


@pytest.mark.parametrize("query", sorted(HARMS))
def test_each_question_finds_its_harm(query: str, demo: Database) -> None:
    with psycopg.connect(demo.admin_url) as admin:
        admin.execute("set session_replication_role = replica")
        admin.execute("alter table consents disable trigger all; alter table delivery_jobs disable trigger all")
        for table in ("consent_events", "admin_audit_events", "oracle_scrolls", "stripe_events", "purchases"):
            admin.execute(f"alter table {table} disable trigger all".encode())
        admin.execute(HARMS[query].encode())
    broken = {
        proof.id for chapter in read_chapters(demo.url) for proof in chapter.proofs if proof.state is ProofState.BROKEN
    }
    wanted = {proof.id for chapter in RULES.chapters for proof in chapter.proofs if proof.query == query}
    assert wanted <= broken


OUT_OF_FORCE = {
    "drop trigger passport_needs_consent on passport_records": "missing: passport_needs_consent",
    "alter table consent_events disable trigger consent_takes_effect": "disabled: consent_takes_effect",
    "alter table consent_events enable trigger consent_takes_effect": "not always enabled: consent_takes_effect",
    "alter table consent_events disable row level security": "without row-level security: public.consent_events",
    "alter table consents no force row level security": "without forced row-level security: public.consents",
    "update pg_catalog.pg_index set indisvalid = false where indexrelid = 'public.delivery_jobs_ready'::regclass":
        "invalid: delivery_jobs_ready",
}  # fmt: skip


@pytest.mark.parametrize("harm", OUT_OF_FORCE)
def test_what_is_missing_or_out_of_force_is_named(harm: str, server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as admin:
        admin.execute(harm.encode())
    told = {chapter.number: chapter for chapter in read_chapters(made.url)}
    chapter = RULES.chapters[5 if "jobs" in harm else 2]
    assert told[chapter.number].state is ProofState.BROKEN
    wanted = len(chapter.tables) + len(chapter.carried_by)
    assert told[chapter.number].proofs[0].seen == f"1 of {wanted} {OUT_OF_FORCE[harm]}"


def test_all_that_is_wrong_is_named(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as admin:
        for harm in OUT_OF_FORCE:
            admin.execute(harm.encode())
    seen = read_chapters(made.url)[2].proofs[0].seen
    assert "1 of" in seen
    assert "missing: passport_needs_consent; " in seen
    assert "without row-level security: public.consent_events; " in seen


def test_a_question_that_fails_is_unknown(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as admin:
        admin.execute("drop function wall.broken_seals()")
    seals = next(p for p in read_chapters(made.url)[3].proofs if p.id == "seals_intact")
    assert seals.state is ProofState.UNKNOWN
    assert "42883" in seals.why


def test_an_empty_database_holds_nothing(server: EmbeddedPostgres, database: Databases) -> None:
    states = {chapter.number: chapter.state for chapter in read_chapters(database(server, "bare").url)}
    assert states[1] is ProofState.BROKEN
    assert ProofState.HOLDS not in states.values()
