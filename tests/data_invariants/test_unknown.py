"""What cannot be counted is unknown: too few rights, no tables, too little time, a walk that stops early."""

from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.data.check import check_invariants
from lab.checks.data.questions import read_question
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules.invariants import INVARIANTS
from tests.data_invariants.cases import BY_ID, CASES

Databases = Callable[..., Database]
# How many rows each table of the shop seems to have.
GUESS = "update pg_catalog.pg_class set reltuples = {} where relnamespace = 'public'::regnamespace and relkind = 'r'"


@pytest.mark.parametrize("size", [0, 50_000])
@pytest.mark.parametrize("role", ["oracle_operator", "service_role", "authenticated", "anon"])
def test_a_role_that_sees_too_little_says_so(
    role: str, size: int, world: Callable[[str], psycopg.Connection[Any]]
) -> None:
    """Counting what row-level security leaves would be counting nothing: no row was checked, however many there are."""
    connection = world(CASES["dead_letters"].bad + CASES["audit_trail_lately_broken"].bad)
    connection.execute(GUESS.format(size).encode())
    connection.execute(f"set local role {role}")
    outcome = check_invariants(connection)
    ledgers = {id for id in BY_ID if id.endswith(("ledger_lately_broken", "trail_lately_broken"))}
    people = {
        i.id for i in INVARIANTS if i.derived and "auth.users" in read_question(i)
    }  # the accounts are the platform's alone
    people |= {"sequences_exhausted", "erasure_key_missing"}  # and sequences and keys their owner's
    answered = {"service_role": BY_ID.keys() - people, "oracle_operator": ledgers}.get(role, set())
    assert {f.rule for f in outcome.findings} == {"dead_letters", "audit_trail_lately_broken"} & answered
    assert {u.what for u in outcome.unknowns} >= {i.title for i in INVARIANTS if i.id not in answered}
    assert not {u.what for u in outcome.unknowns} & {BY_ID[id].title for id in answered}
    # An operator may have the ledgers walked and may not count their rows, so that their size is the estimate.
    estimated = ledgers if role == "oracle_operator" and size else set()
    others = {u.what for u in outcome.unknowns if "may not read everything" not in u.why}
    assert others == {f"{BY_ID[id].title[:-1]}, in the rows before." for id in estimated}


def test_an_owner_held_by_row_level_security_is_not_told_that_all_is_well(
    world: Callable[[str], psycopg.Connection[Any]],
) -> None:
    connection = world(CASES["dead_letters"].bad)
    connection.execute("create role held nologin in role postgres; grant usage on schema public, wall to held")
    connection.execute("alter table public.delivery_jobs owner to held; set local role held")
    outcome = check_invariants(connection, [BY_ID["dead_letters"]])
    assert not outcome.findings
    assert "may not read everything" in outcome.unknowns[0].why


def test_a_bare_database_is_unknown(server: EmbeddedPostgres, shared_database: Databases) -> None:
    with connect(shared_database(server, "bare").url, read_only=True) as connection:
        outcome = check_invariants(connection)
    assert not outcome.findings
    assert {unknown.what for unknown in outcome.unknowns} == {invariant.title for invariant in INVARIANTS}
    assert "apply the migrations first" in outcome.unknowns[0].why


def test_what_takes_too_long_is_unknown(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("lock table public.products in access exclusive mode")
    with connect(connection.info.dsn and _url(connection), read_only=True) as other:
        outcome = check_invariants(other, [BY_ID["links_without_product"]], seconds=0.2)
    assert "took too long" in outcome.unknowns[0].why


def _url(connection: psycopg.Connection[Any]) -> str:
    info = connection.info
    return f"postgresql://supabase_admin@/{info.dbname}?host={info.host}&port={info.port}"


@pytest.mark.parametrize(("recent", "said"), [(6, []), (5, ["The newest 5 of about 50,000 rows"])])
def test_a_table_that_only_looks_large_is_counted(
    recent: int, said: list[str], world: Callable[[str], psycopg.Connection[Any]]
) -> None:
    """What was rolled back leaves room behind, from which Postgres guesses rows."""
    connection = world("select 1")
    guess = "update pg_catalog.pg_class set reltuples = 50000 where oid = 'public.consents'::regclass"
    connection.execute(guess)
    outcome = check_invariants(connection, [BY_ID["consents_unlike_ledger"]], recent=recent)
    assert [unknown.why.partition(" were")[0] for unknown in outcome.unknowns] == said


def test_a_walk_that_stops_early_says_so(world: Callable[[str], psycopg.Connection[Any]]) -> None:
    connection = world("insert into public.consent_events (request_id, purpose, action, personal_digest, row_hash)"
                       " select gen_random_uuid(), 'passport_write', 'withdrawn', '', ''"
                       " from generate_series(1, 50);")  # fmt: skip
    connection.execute("analyze public.consents")
    outcome = check_invariants(connection, [BY_ID["consents_unlike_ledger"]], recent=2)
    assert "The newest 2 of about 6 rows" in outcome.unknowns[0].why
