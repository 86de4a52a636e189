"""Repairs of what the platform or another role granted: nothing of theirs is taken, and who must act is named."""

from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.finding import Finding
from lab.checks.schema.check import check_connection, check_database
from lab.checks.schema.repairs import repair_script
from lab.checks.schema.repairs.proposals import accept_proposal
from lab.database.embedded.server import EmbeddedPostgres
from tests.test_repairs import run_script, weaken

Make = Callable[..., Database]
SERVED = (
    "public, storage, auth",
    "public, graphql_public, storage",
    "auth, public",
    "public, extensions",
    "public, storage, auth, extensions",
)


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Make) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        yield connection
        connection.rollback()


def look(connection: psycopg.Connection, *statements: str) -> dict[str, Finding]:
    for statement in statements:
        connection.execute(statement.encode())
    connection.execute("reset role")
    return {finding.key: finding for finding in check_connection(connection)[0] if finding.weighs}


@pytest.mark.parametrize("schemas", SERVED)
def test_nothing_of_the_platform_is_revoked(connection: psycopg.Connection, schemas: str) -> None:
    """Also when every proposal is accepted: owners still read their own rows, and files are still guarded alike."""
    before = _read_platform(connection)
    found = look(connection, f"alter role authenticator set pgrst.db_schemas = '{schemas}'")
    assert "setting:authenticator|*|pgrst.db_schemas:extra" in found
    connection.execute(repair_script(map(accept_proposal, found.values())).encode())
    assert _read_platform(connection) == before
    assert look(connection) == {}


def _read_platform(connection: psycopg.Connection) -> list[tuple[object, ...]]:
    connection.execute("set local search_path = ''")
    return connection.execute(_PICTURE).fetchall()


_PICTURE = """
select oid::regprocedure::text, proacl::text from pg_proc
 where pronamespace::regnamespace::text in ('auth', 'storage', 'extensions')
union all
select oid::regclass::text, concat_ws(' ', relacl::text, relrowsecurity) from pg_class
 where relnamespace::regnamespace::text in ('auth', 'storage')
 order by 1
"""
_IN_DATABASE = (
    "do $$ begin execute format('alter {} set default_transaction_read_only = on', current_database()); end $$"
)
SETTINGS = {"of the database": "database %I", "of its owner": "role postgres in database %I"}


@pytest.mark.parametrize("whose", SETTINGS.values(), ids=SETTINGS)
def test_a_repair_works_in_a_read_only_database(
    server: EmbeddedPostgres, database: Make, tmp_path: Path, whose: str
) -> None:
    place = database(server)
    setting = _IN_DATABASE.format(whose)
    findings = weaken(place, "alter table public.share_cards disable row level security", setting)
    told = run_script(place.url, findings, tmp_path)
    assert "read-only" not in told
    left = [finding for finding in check_database(place.url).findings if finding.weighs]
    assert {finding.kind for finding in left} <= {"setting"}
    run_script(place.url, tuple(map(accept_proposal, left)), tmp_path)
    assert [finding.key for finding in check_database(place.url).findings if finding.weighs] == []


LARGE_OBJECTS = (
    "grant all on large objects to anon",
    "grant select on large objects to public",
    "grant select on large objects to authenticated with grant option",
    "grant update on large objects to service_role",
    "grant select, update on large objects to ai_worker",
)


@pytest.mark.parametrize("grant", LARGE_OBJECTS)
def test_default_privileges_on_large_objects_are_understood(connection: psycopg.Connection, grant: str) -> None:
    if connection.info.server_version < 180000:
        pytest.skip("Postgres has no default privileges on large objects before 18")
    found = look(connection, f"alter default privileges for role postgres {grant}")
    assert {"large objects" in finding.seen for finding in found.values()} == {True}
    connection.execute("set role postgres")
    connection.execute(repair_script(map(accept_proposal, found.values())).encode())
    assert look(connection) == {}


PASSED_ON = {
    "a table": ("select on public.oracle_scrolls", "table|public.oracle_scrolls|anon|SELECT"),
    "a column": ("select (question) on public.oracle_scrolls", "column|public.oracle_scrolls.question|anon|SELECT"),
    "a view": ("select on operations.purchases", "table|operations.purchases|anon|SELECT"),
    "a function": ("execute on function public.accept_gift(text)", "function|public.accept_gift(text)|anon|EXECUTE"),
    "a schema": ("usage on schema wall", "schema|wall|anon|USAGE"),
    "a sequence": ("usage on sequence public.delivery_jobs_id_seq", "sequence|public.delivery_jobs_id_seq|anon|USAGE"),
}


@pytest.mark.parametrize("name", PASSED_ON)
@pytest.mark.parametrize("may_act", [True, False], ids=["who may act", "who may not"])
def test_a_grant_is_taken_back_as_its_grantor_or_the_finding_says_who_must(
    connection: psycopg.Connection, name: str, may_act: bool
) -> None:
    what, key = PASSED_ON[name]
    passing = (
        "create role clerk",
        "grant clerk to postgres" if may_act else "select",
        "grant usage on schema operations to clerk",
        f"set local role postgres; grant {what} to clerk with grant option; reset role",
        f"set local role clerk; grant {what} to anon",
    )
    found = look(connection, *passing)[f"privilege:{key}:extra"]
    assert str(found.decide).startswith("clerk granted it, and only a grantor can revoke it.")
    connection.execute("set local session authorization postgres")  # a superuser's session may act as everybody
    connection.execute(repair_script([accept_proposal(found)]).encode())
    connection.execute("reset session authorization")
    assert (f"privilege:{key}:extra" in look(connection)) != may_act
