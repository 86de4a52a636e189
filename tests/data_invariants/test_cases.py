"""For each invariant a case that fires, a near miss that does not, and its repair."""

import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab import RULES
from lab.checks.data.check import check_invariants
from lab.checks.data.questions import QUESTION_FOLDER, REPAIR_FOLDER, read_question, read_repair
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.invariants import INVARIANTS
from lab.rules.model import Invariant, Question
from lab.rules.schedule import reconcile_payments
from tests.data_invariants.cases import BY_ID, CASES
from tests.data_invariants.statements import job, parked, reconciled
from tests.data_invariants.world import fired

Databases = Callable[..., Database]
Connection = psycopg.Connection[Any]
UNLEASED = "alter table public.delivery_jobs drop constraint delivery_jobs_leased_while_running;"


def test_each_invariant_has_a_query_a_case_and_a_repair_or_a_decision() -> None:
    assert RULES.invariants == INVARIANTS
    assert BY_ID.keys() == CASES.keys()
    asked = {i.id for i in INVARIANTS if not i.derived} | {question.id for question in RULES.questions}
    assert {path.stem for path in QUESTION_FOLDER.glob("*.sql")} == asked
    assert {path.stem for path in REPAIR_FOLDER.glob("*.sql")} == {
        i.id for i in INVARIANTS if i.repairs and not i.derived
    }
    assert all(i.repairs or i.decide for i in INVARIANTS)


@pytest.mark.parametrize("asked", [*INVARIANTS, *RULES.questions], ids=lambda asked: asked.id)
def test_each_query_says_first_what_it_counts(asked: Invariant | Question) -> None:
    assert re.match(r"-- Counts [^\n]+\.\n", read_question(asked))


def test_no_two_questions_ask_the_same() -> None:
    every: tuple[Invariant | Question, ...] = (*INVARIANTS, *RULES.questions)
    queries = [re.sub(r"--[^\n]*|\s+", " ", read_question(asked)) for asked in every]
    assert len(set(queries)) == len(queries)


def test_each_risk_is_shown_by_an_invariant() -> None:
    shown = {risk.id for invariant in INVARIANTS for risk in invariant.risks}
    with_a_what_if = {risk.id for one in RULES.circumstances for risk in one.risks}  # the buyer is not in the database
    assert {risk.id for risk in RULES.risks} - shown <= with_a_what_if


def test_a_sound_world_has_no_finding(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert fired(world("select 1")) == set()


def test_an_empty_database_has_no_finding(server: EmbeddedPostgres, database: Databases) -> None:
    with connect(database(server).url, read_only=True) as connection:
        assert fired(connection) == set()


@pytest.mark.parametrize("id", CASES)
def test_it_fires(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert fired(world(CASES[id].bad)) == {id, *CASES[id].also}


@pytest.mark.parametrize("id", CASES)
def test_a_near_miss_does_not_fire(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert id not in fired(world(CASES[id].near))


@pytest.mark.parametrize("id", [i.id for i in INVARIANTS if i.walks])
def test_a_whole_walk_finds_it_too(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert fired(world(CASES[id].bad), recent=None) == {id, *CASES[id].also}


@pytest.mark.parametrize("table", ["oracle_scrolls", "passport_records"])
def test_a_seal_that_is_gone_is_a_broken_one(table: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    """Whoever takes a seal away, past the constraint that wants one, leaves nothing that fits."""
    bare = world(
        f"alter table public.{table} drop constraint {table}_seal_present;"
        f" update public.{table} set seal_hash = null where sealed_at is not null;"
    )
    assert "seals_lately_broken" in fired(bare, recent=None)


@pytest.mark.parametrize("id", [i.id for i in INVARIANTS if i.repairs])
def test_its_repair_clears_it(id: str, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    """As the owner, who is no superuser, with the wall standing again."""
    connection = world(CASES[id].bad)
    (finding,) = [f for f in check_invariants(connection).findings if f.rule == id]
    assert finding.repair
    connection.execute("set local role postgres")
    connection.execute(finding.repair.sql)
    connection.execute("reset role")
    assert id not in fired(connection)


def test_a_repair_leaves_the_sound_world_as_it_is(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("select 1")
    before = connection.execute("select (select array_agg(j.*) from public.delivery_jobs j)::text").fetchone()
    for invariant in INVARIANTS:
        if repair := read_repair(invariant):
            connection.execute(repair)
    assert connection.execute("select (select array_agg(j.*) from public.delivery_jobs j)::text").fetchone() == before
    assert fired(connection) == set()


def test_a_finding_shows_counts_and_no_row(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("".join(case.bad for id, case in CASES.items() if id in ("dead_letters", "withdrawn_files")))
    said = repr(check_invariants(connection))
    assert "1 row of which this is not true" in said
    assert "A question" not in said
    assert not re.search(r"[0-9a-f]{8}-[0-9a-f]{4}", said)


OLD = "update public.purchases set created_at = now() - interval '4 hours';"
_NARROW = (
    "drop view operations.newest_delivery_attempts, operations.delivery_attempts;"
    " drop trigger delivery_attempts_fixed on public.delivery_attempts;"
    " alter table public.delivery_attempts alter column id type"
)
# What is beside the case of each: found as well, or as near and not found.
MORE = {
    "a text and its hash": (
        "notices_unlike_hash",
        "update public.consent_notices set body = 'Other.', body_sha256 = sha256('Other.') where locale = 'en';",
        True,
    ),
    "a hash": ("notices_unlike_hash", "update public.consent_notices set body_sha256 = '';", True),
    "one sign": (
        "notices_unlike_hash",
        "update public.consent_notices set body = replace(body, ' ', '  ') where locale = 'en';",
        True,
    ),
    "a text of nobody's consent": (
        "notices_unlike_hash",
        "insert into public.consent_notices (purpose, version, locale, body, body_sha256)"
        " values ('echo_followup', 9, 'en', 'One.', sha256('Two.'));",
        True,
    ),
    "a text in its own line ends": ("notices_unlike_hash", "update public.consent_notices set body = body;", False),
    "a sequence of the ledger": (
        "sequences_exhausted",
        "alter sequence public.consent_events_id_seq restart with 9223372036854775807;",
        True,
    ),
    "a smaller column": (
        "sequences_exhausted",
        _NARROW + " integer; alter sequence public.delivery_attempts_id_seq restart with 2000000000;",
        True,
    ),
    "an earlier end": (
        "sequences_exhausted",
        "alter sequence public.admin_audit_events_id_seq maxvalue 1000 restart with 950;",
        True,
    ),
    "a column of two bytes": (
        "sequences_exhausted",
        _NARROW + " smallint; alter sequence public.delivery_attempts_id_seq restart with 30000;",
        True,
    ),
    "a small column with numbers left": (
        "sequences_exhausted",
        _NARROW + " integer; alter sequence public.delivery_attempts_id_seq restart with 1000000000;",
        False,
    ),
    "no reconciliation ever": ("payments_unreconciled", OLD, True),
    "a reconciliation with a test key": ("payments_unreconciled", OLD + reconciled("1 hour", mode="test"), True),
    "another task": ("payments_unreconciled", OLD + reconciled("1 hour", task="process_stripe_events"), True),
    "test money": ("payments_unreconciled", OLD + "update public.purchase_links set livemode = false;", False),
    "a key that restricts": (
        "erasures_blocked",
        "create table public.club (scroll uuid references public.oracle_scrolls (id) on delete restrict);",
        True,
    ),
    "a key from another schema": (
        "erasures_blocked",
        "create schema shop; create table shop.orders (person uuid references auth.users (id));",
        True,
    ),
    "a key that empties what must not be empty": (
        "erasures_blocked",
        "create table public.club (person uuid not null references auth.users (id) on delete set null);",
        True,
    ),
    "a key that waits": (
        "erasures_blocked",
        "create table public.club (person uuid references auth.users (id) deferrable initially deferred);",
        True,
    ),
    "a key between others": (
        "erasures_blocked",
        "create table public.club (id uuid primary key, host uuid references public.club (id));",
        False,
    ),
}


@pytest.mark.parametrize(("id", "change", "found"), MORE.values(), ids=MORE)
def test_neighbours(id: str, change: str, found: bool, world: Callable[[str], psycopg.Connection[Any]]) -> None:
    assert (id in fired(world(change))) is found


STUCK: dict[str, tuple[str, str]] = {
    "put off for ever": ("jobs_put_off", "update public.delivery_jobs set next_run_at = 'infinity';"),
    "planned for the year after next": ("jobs_put_off", job(due="-2 years")),
    "leased for ever": ("jobs_held_for_long", job(status="running", lease="'infinity'")),
    "running without a lease": ("jobs_held_for_long", UNLEASED + job(status="running", lease="null")),
    "running without a token": (
        "jobs_held_for_long",
        UNLEASED + job(status="running", lease="now() + interval '1 minute'", token="null"),
    ),
    "parked, and so written down, long ago": (
        "jobs_parked_for_long",
        job(status="parked", age="30 days") + parked("8 days"),
    ),
}


@pytest.mark.parametrize("case", STUCK)
def test_a_job_that_no_function_would_leave_so_is_seen(case: str, world: Callable[[str], Connection]) -> None:
    id, statements = STUCK[case]
    connection = world(statements)
    assert id in fired(connection)
    if repair := read_repair(BY_ID[id]):
        connection.execute(repair)
        assert id not in fired(connection)


def test_no_function_puts_a_job_off_or_holds_it_for_longer() -> None:
    """The limits are those of the queue's own functions, which state them as numbers."""
    functions = QUESTION_FOLDER.parent / "functions"
    lease, pause = 3600, 86400
    for name in ("claim_delivery_jobs", "extend_delivery_leases"):
        assert re.findall(r"not between 1 and (\d+) then", (functions / f"{name}.sql").read_text()) == [str(lease)]
    assert f"0), {pause})" in (functions / "end_attempt.sql").read_text()
    assert f"interval '{lease // 3600} hour'" in read_question(BY_ID["jobs_held_for_long"])
    assert f"interval '{pause // 3600} hours'" in read_question(BY_ID["jobs_put_off"])


def test_reconciliation_is_late_after_three_periods() -> None:
    asked = read_question(BY_ID["payments_unreconciled"])
    periods = 3 * reconcile_payments.every_seconds // 3600
    assert set(re.findall(r"interval '(\d+) hours'", asked)) == {str(periods)}
    assert f"r.task = '{reconcile_payments.id}'" in asked


def test_a_row_that_is_slipped_in_behind_the_chain_is_seen(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    """Its number is an old one, so the next sealing will not look at it."""
    behind = (
        "update public.ledger_seals set created_at = created_at - interval '2 hours';"
        "delete from public.ledger_seals where ledger = 'admin_audit_events' and position = 1;"
    )
    assert fired(world(behind)) == {"audit_trail_lately_broken", "consent_ledger_lately_broken"}
    assert "ledgers_unsealed" not in fired(world("select 1"))
