"""Chapters: their state on real databases, sound and broken; and the demo data that they are shown with."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from fixtures.servers import Database
from lab import RULES
from lab.checks.data.questions import read_question
from lab.checks.finding import Unknown
from lab.checks.schema.check import check_database
from lab.checks.state import State
from lab.cli.chapters import exit_code
from lab.cli.commands import main
from lab.database.connect import LimitedConnection, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.database.read_only import QueryFailed
from lab.migrations.demo import prepare_demo
from lab.readiness.chapters import STEPS, ChapterState, concerns, judge_chapters, read_chapters, read_proofs
from lab.rehearsal.record import FILE, read_code_version
from lab.rules.anchoring import LEDGERS
from lab.services.anchor import AnchorSource, AnchorState, anchor_once, draw_key

Databases = Callable[..., Database]

UNPROVED = {12, 13, 15, 16}
MOST_ROUND_TRIPS = 12

# What breaks each question's promise: as the superuser, with the wall's triggers asleep.
HARMS = {
    "consents_unlike_ledger": "update consents set standing = not standing",
    "consent_ledger_lately_broken": 'update consent_events set evidence = \'{"surface": "other"}\''
    " where id = (select min(id) from consent_events)",
    "audit_trail_lately_broken": "update admin_audit_events set outcome = 'failed'"
    " where id = (select min(id) from admin_audit_events)",
    "seals_lately_broken": "update oracle_scrolls set answer = answer || '.'",
    "echoes_late": "update echo_entries set due_at = now() - interval '2 days'",
    "leases_expired": "select claim_delivery_jobs('gone', 1, 1);"
    " update delivery_jobs set lease_until = now() - interval '1 hour' where status = 'running'",
    "emails_without_consent": "update delivery_jobs set status = 'pending' where status = 'cancelled'",
    "links_without_product": "update products set active = false",
    "operator_reaches_tables": "grant select (question) on oracle_scrolls to oracle_operator",
    "privacy_requests_overdue": "update privacy_requests set due_at = now() - interval '1 day'",
    "paid_not_unlocked": "update purchases set unlocked_at = null, paid_at = now() - interval '1 hour'",
    "sales_without_withdrawal": "update purchases set withdraw_until = null",
    "stripe_events_waiting": "update stripe_events set status = 'received', created_at = now() - interval '2 hours'",
    "ai_reaches_more": "grant select on oracle_scrolls to ai_worker",
}
UNANCHORED = {ledger.id: AnchorState(None, "not anchored", "No anchor was named.") for ledger in LEDGERS}
PROOFS = [proof for chapter in RULES.chapters for proof in chapter.proofs]
QUESTIONS = {proof.asks.id for proof in PROOFS if proof.asks}


def test_every_question_has_a_harm() -> None:
    assert set(HARMS) == QUESTIONS


def test_a_proof_of_rows_is_said_by_its_invariant() -> None:
    said = {proof.id: proof.title for proof in PROOFS}
    told = "Every paid purchase is unlocked within 15 minutes, unless a review keeps it locked."
    assert said["paid_is_unlocked"] == told
    assert [proof.id for proof in PROOFS if proof.asks and proof.title != proof.asks.title] == []
    assert {proof.asks.id for proof in PROOFS if proof.asks} - {i.id for i in RULES.invariants} == {
        question.id for question in RULES.questions
    }


def test_a_proof_reads_every_row_whatever_the_login_sets(demo: Database) -> None:
    """A role's own setting must not shorten what a chapter looks at."""
    with psycopg.connect(demo.admin_url) as admin:
        admin.execute("alter table oracle_scrolls disable trigger all")
        admin.execute("update oracle_scrolls set answer = answer || '.' where sealed_at = (select min(sealed_at)"
                      " from oracle_scrolls)")  # fmt: skip
    url = make_conninfo(demo.url, options="-c lab.recent=1")
    seals = next(proof for proof in read_chapters(url)[3].proofs if proof.id == "seals_intact")
    assert seals.state is State.BROKEN


@pytest.fixture
def demo(server: EmbeddedPostgres, database: Databases) -> Database:
    return database(server, "demo")


def test_demo_keeps_every_promise_that_can_be_asked(demo: Database, tmp_path: Path) -> None:
    signer = draw_key("test.example/ledgers")
    anchor_once(tmp_path / "anchors", signer, demo.url, datetime.now(UTC))
    anchors = AnchorSource(tmp_path / "anchors", (signer.verifier,))
    states = {chapter.number: chapter.state for chapter in read_chapters(demo.url, anchors=anchors)}
    assert {number for number, state in states.items() if state is State.UNKNOWN} == UNPROVED
    assert {state for number, state in states.items() if number not in UNPROVED} == {State.HOLDS}


def test_what_rests_on_a_ledger_is_unknown_without_an_anchor(demo: Database) -> None:
    states = {chapter.number: chapter for chapter in read_chapters(demo.url)}
    assert {number for number, chapter in states.items() if chapter.state is State.UNKNOWN} == UNPROVED | {3, 7, 9}
    (proof,) = [proof for proof in states[3].proofs if proof.id == "consents_anchored"]
    assert proof.seen == "not anchored"
    assert "python -m lab anchor" in proof.why


@pytest.mark.parametrize(
    ("changed", "state"), [({}, "holds"), ({"code": "older"}, "unknown"), ({"holds": False}, "broken")]
)
def test_the_command_says_of_chapter_13_what_the_last_rehearsal_says(
    demo: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str],
    changed: dict[str, object], state: str,
) -> None:  # fmt: skip
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(tmp_path))
    record: dict[str, object] = {
        "at": "2026-11-30T14:00:00+00:00", "code": read_code_version(), "holds": True, "crash_points": 162,
        "pairs": 0, "plays": 524, "bugs": {}, "failures": [],
    }  # fmt: skip
    (tmp_path / FILE).write_text(json.dumps(record | changed))
    assert main(["chapters", "--json", "--database-url", demo.url]) == 1
    chapter = json.loads(capfd.readouterr().out)["chapters"][12]
    assert chapter["state"] == state
    assert "162 crash points" in next(one["seen"] for one in chapter["proofs"] if one["id"] == "failures_rehearsed")


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
        for table in ("consent_events", "admin_audit_events", "oracle_scrolls", "stripe_events", "purchases",
                      "privacy_requests"):  # fmt: skip
            admin.execute(f"alter table {table} disable trigger all".encode())
        admin.execute(HARMS[query].encode())
    broken = {
        proof.id for chapter in read_chapters(demo.url) for proof in chapter.proofs if proof.state is State.BROKEN
    }
    wanted = {proof.id for proof in PROOFS if proof.asks and proof.asks.id == query}
    assert wanted <= broken


# What weakens the wall, and the chapters that break by it besides the last: by its number, by what carries them, or
# because a table of theirs is open or gone.
WEAKENED: dict[str, tuple[str, set[int]]] = {
    "a trigger is gone": ("drop trigger passport_needs_consent on passport_records", {3}),
    "a trigger of two chapters": ("alter table delivery_jobs disable trigger jobs_need_consent", {3, 7}),
    "a trigger that a role can skip": ("alter table consent_events enable trigger consent_takes_effect", {3}),
    "an open table": ("alter table consent_events disable row level security", {1, 2, 3, 11, 15}),
    "an invalid index": (
        "update pg_catalog.pg_index set indisvalid = false where indexrelid = 'public.delivery_jobs_ready'::regclass",
        {6},
    ),
    "a rule of the ledger": (
        "alter policy owner_writes_consent_events on consent_events with check (true)", {11},
    ),
    "a rule of the AI": ("alter table ai_runs disable trigger ai_runs_guard", {14}),
    "a default of the queue": ("alter table delivery_jobs alter column status drop default", {6}),
    "a stranger that visitors read": ("create table stray (id int); grant select on stray to anon", {11}),
}  # fmt: skip

# What other products and tools leave behind; no chapter is less true for it.
HARMLESS = {
    "a closed table": "create table notes (id int primary key); alter table notes enable row level security",
    "a check of somebody else": "alter table products add constraint slack check (title <> '') not valid",
    "an index by another name": "alter index delivery_jobs_ready rename to ready",
}


def list_broken(states: tuple[ChapterState, ...]) -> set[int]:
    return {chapter.number for chapter in states if chapter.state is State.BROKEN}


@pytest.mark.parametrize("name", WEAKENED)
def test_a_chapter_never_holds_what_the_check_finds_broken(
    name: str, server: EmbeddedPostgres, database: Databases
) -> None:
    made, (harm, chapters) = database(server), WEAKENED[name]
    with psycopg.connect(made.admin_url) as admin:
        admin.execute(harm.encode())
    states, found = read_chapters(made.url), [f for f in check_database(made.url).findings if f.weighs]
    assert found
    assert {finding.chapter for finding in found} <= chapters
    assert list_broken(states) == chapters | {16}
    for chapter in chapters:
        touching = [finding for finding in found if concerns(RULES.chapters[chapter - 1], finding)]
        assert all(finding.subject in states[chapter - 1].proofs[0].seen for finding in touching)


@pytest.mark.parametrize("name", HARMLESS)
def test_no_chapter_breaks_by_what_the_check_finds_harmless(
    name: str, server: EmbeddedPostgres, database: Databases
) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as admin:
        admin.execute(HARMLESS[name].encode())
    assert check_database(made.url).state == "holds"
    assert list_broken(read_chapters(made.url)) == set()


def test_many_findings_are_told_by_their_count(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as admin:
        admin.execute(
            "do $$ begin for i in 1..9 loop execute format('create table stray_%s (id int)', i); end loop; end $$"
        )
    seen = read_chapters(made.url)[10].proofs[0].seen
    assert seen.startswith("9 differ (low, public.stray_")
    assert seen.endswith("and 4 more)")


def test_what_the_check_could_not_look_at_leaves_every_chapter_unknown(
    server: EmbeddedPostgres, shared_database: Databases
) -> None:
    url = shared_database(server).url
    seen = check_database(url)
    blind = seen.model_copy(update={"unknown": (Unknown(what="the catalogue", why="It is locked."),)})
    states = judge_chapters(blind, dict.fromkeys(QUESTIONS, 0), UNANCHORED)
    assert {chapter.state for chapter in states} == {State.UNKNOWN}
    assert states[0].proofs[0].why == "It is locked."
    assert exit_code(states) == 1
    assert exit_code(judge_chapters(blind, dict.fromkeys(QUESTIONS, QueryFailed("It is locked.")), UNANCHORED)) == 2
    assert (
        exit_code(judge_chapters(seen, dict.fromkeys(QUESTIONS, 0), UNANCHORED)) == 1
    )  # some proofs cannot be asked yet


def test_a_role_that_sees_no_rows_proves_nothing(server: EmbeddedPostgres, database: Databases) -> None:
    """Row-level security would hide the rows in silence, and a count of none would read as holding."""
    made, own = database(server), "chapters_auditor"
    with psycopg.connect(made.admin_url, autocommit=True) as admin:
        admin.execute(f"create role {own} login".encode())
        try:
            admin.execute(f"grant usage on schema wall to {own}".encode())
            admin.execute(f"grant select on all tables in schema public to {own}".encode())
            states = read_chapters(make_conninfo(made.url, user=own))
        finally:
            admin.execute(f"drop owned by {own}; drop role {own}".encode())
    proofs = {proof.id: proof for chapter in states for proof in chapter.proofs}
    assert proofs["leases_alive"].state is State.UNKNOWN
    assert "may not read everything" in proofs["leases_alive"].why
    assert states[5].state is not State.HOLDS


def test_all_chapters_take_few_round_trips(
    server: EmbeddedPostgres, shared_database: Databases, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wait for the server is one; asking each question by itself would take dozens."""
    waits, wait = [], LimitedConnection.wait

    def count(*arguments: Any) -> Any:
        waits.append(1)
        return wait(*arguments)

    monkeypatch.setattr(LimitedConnection, "wait", count)
    read_chapters(shared_database(server).url)
    assert 3 < len(waits) <= MOST_ROUND_TRIPS


def test_each_step_is_told(server: EmbeddedPostgres, shared_database: Databases) -> None:
    told = []

    @contextmanager
    def watch(step: str) -> Iterator[None]:
        told.append(f"{step} begins")
        yield
        told.append(f"{step} ends")

    read_proofs(shared_database(server).url, watch=watch)
    assert told == [f"{step} {word}" for step, _ in STEPS for word in ("begins", "ends")]


# What is granted beside the rules' own schemas -> the question that finds it.
ELSEWHERE = {
    "accounts": ("grant select on auth.users to {role}", {"ai_reaches_more", "operator_reaches_tables"}),
    "a table of others": (
        "create schema shop; create table shop.orders (id int); grant insert on shop.orders to {role}",
        {"ai_reaches_more", "operator_reaches_tables"},
    ),
    "a column, by a team": (
        "create role team; grant team to {role}; create schema shop; create table shop.orders (id int); "
        "grant select (id) on shop.orders to team; alter role {role} inherit; grant team to {role}",
        {"ai_reaches_more", "operator_reaches_tables"},
    ),
    "a function of others": (
        "create schema shop; create function shop.one() returns int language sql security definer as 'select 1'; "
        "grant execute on function shop.one() to {role}",
        {"ai_reaches_more"},
    ),
}


@pytest.mark.parametrize("role", ["ai_worker", "oracle_operator"])
@pytest.mark.parametrize(("grant", "asked"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_a_role_of_ours_reaches_elsewhere_is_counted(
    server: EmbeddedPostgres, shared_database: Databases, grant: str, asked: set[str], role: str
) -> None:
    mine = {"ai_worker": "ai_reaches_more", "oracle_operator": "operator_reaches_tables"}[role]
    question = next(one for one in RULES.questions if one.id == mine)
    with psycopg.connect(shared_database(server).admin_url) as admin:
        admin.execute(grant.format(role=role).encode())
        (count,) = admin.execute(read_question(question).encode()).fetchone() or ()
        admin.rollback()
    assert bool(count) == (mine in asked)


def test_a_question_that_fails_is_unknown(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server)
    with psycopg.connect(made.admin_url) as admin:
        admin.execute("drop function wall.seal_content(jsonb) cascade")
    seals = next(p for p in read_chapters(made.url)[3].proofs if p.id == "seals_intact")
    assert seals.state is State.UNKNOWN
    assert "is missing" in seals.why
    leases = next(p for p in read_chapters(made.url)[5].proofs if p.id == "leases_alive")
    assert leases.state is State.HOLDS


def test_an_empty_database_holds_nothing(server: EmbeddedPostgres, database: Databases) -> None:
    states = {chapter.number: chapter.state for chapter in read_chapters(database(server, "bare").url)}
    assert states[1] is State.BROKEN
    assert State.HOLDS not in states.values()
