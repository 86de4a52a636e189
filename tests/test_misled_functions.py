"""Functions that run with rights over the wall: which the check says can be misled, and which it leaves alone."""

from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.check import check_connection
from lab.checks.schema.repairs.proposals import accept_proposal
from lab.database.embedded.server import EmbeddedPostgres
from tests.readiness.reports import sql_of

BODY = "as 'begin return 1; end'"
MADE = "create function beside.look() returns int language plpgsql security definer {} " + BODY
OPEN = "grant execute on function beside.look() to authenticated"
LOOSE = "grant create on schema loose to authenticated"
PINNED = "set search_path = pg_catalog, pg_temp"

# how it is made as `postgres` -> what is said of it; nothing where it can't be misled
CASES: dict[str, tuple[tuple[str, ...], str]] = {
    "no path": ((MADE.format(""), OPEN), "has no search_path of its own"),
    "an empty path": ((MADE.format("set search_path = ''"), OPEN), "looks into pg_temp before other schemas"),
    "pg_catalog alone": ((MADE.format("set search_path = pg_catalog"), OPEN), "looks into pg_temp before"),
    "public alone": ((MADE.format("set search_path = public"), OPEN), "looks into pg_temp before"),
    "pg_temp first": ((MADE.format("set search_path = pg_temp, public"), OPEN), "looks into pg_temp before"),
    "pg_temp twice": ((MADE.format("set search_path = pg_temp, public, pg_temp"), OPEN), "looks into pg_temp before"),
    "a schema of everybody's": (
        (MADE.format("set search_path = pg_catalog, loose, pg_temp"), OPEN, LOOSE),
        "looks into loose, where others may make things",
    ),
    "a schema of the user's name": (
        (
            MADE.format('set search_path = "$user", pg_temp'), OPEN, "create schema postgres",
            "grant create on schema postgres to ai_worker",
        ),
        "looks into postgres, where others may make things",
    ),
    "for the operator": ((MADE.format(""), OPEN.replace("authenticated", "oracle_operator")), "has no search_path"),
    "for everybody": ((MADE.format(""), OPEN.replace("authenticated", "public")), "has no search_path"),
    "a trigger's": (
        (
            "create function beside.look() returns trigger language plpgsql security definer"
            " as 'begin return new; end'",
        ),
        "has no search_path",
    ),
    "a procedure": (
        (
            "create procedure beside.look() language plpgsql security definer as 'begin end'",
            "grant execute on procedure beside.look() to authenticated",
        ),
        "has no search_path",
    ),
    "in SQL": (
        ("create function beside.look() returns int language sql security definer as 'select 1'", OPEN),
        "has no search_path",
    ),
    "of a member of the owner": (
        (MADE.format(""), OPEN, "reset role", "create role helper in role postgres",
         "alter function beside.look() owner to helper"),
        "has no search_path",
    ),
    "pinned": ((MADE.format(PINNED), OPEN), ""),
    "an empty path and pg_temp": ((MADE.format("set search_path = '', pg_temp"), OPEN), ""),
    "public and pg_temp": ((MADE.format("set search_path = public, pg_temp"), OPEN), ""),
    "a closed schema": ((MADE.format("set search_path = pg_catalog, loose, pg_temp"), OPEN), ""),
    "a loose schema that is not looked into": ((MADE.format(PINNED), OPEN, LOOSE), ""),
    "with its caller's rights": ((MADE.replace("definer", "invoker").format(""), OPEN), ""),
    "called by nobody": ((MADE.format(""),), ""),
    "read when it was made": (
        ("create function beside.look() returns int language sql security definer begin atomic select 1; end", OPEN),
        "",
    ),
    "of somebody without rights over the wall": (
        (MADE.format(""), OPEN, "reset role", "create role guest", "alter function beside.look() owner to guest"),
        "",
    ),
    "the platform's": (
        (MADE.format(""), OPEN, "reset role", "alter function beside.look() owner to supabase_auth_admin"),
        "",
    ),
}  # fmt: skip


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        connection.execute("set role postgres")
        connection.execute("create schema beside; create schema loose")
        yield connection
        connection.rollback()


@pytest.mark.sample(between=4)
@pytest.mark.parametrize(("made", "told"), CASES.values(), ids=CASES)
def test_a_function_that_can_be_misled_is_told(
    connection: psycopg.Connection, made: tuple[str, ...], told: str
) -> None:
    for statement in made:
        connection.execute(statement.encode())
    connection.execute("reset role")
    found = [one for one in check_connection(connection)[0] if one.key.startswith("misled_function:")]
    assert [(one.severity, told in one.why, one.proposal) for one in found] == ([("high", True, True)] if told else [])
    for finding in found:
        connection.execute(sql_of(accept_proposal(finding)).encode())
    assert [one for one in check_connection(connection)[0] if one.key.startswith("misled_function:")] == []


@pytest.mark.parametrize(
    "change", ["reset search_path", "set search_path = ''", "set search_path = pg_temp, pg_catalog"]
)
def test_one_of_ours_is_mended_and_not_only_told(connection: psycopg.Connection, change: str) -> None:
    connection.execute(f"alter function public.accept_gift(text) {change}".encode())
    connection.execute("reset role")
    (found,) = [one for one in check_connection(connection)[0] if one.weighs]
    assert (found.key, found.severity, found.proposal) == ("function:public.accept_gift(text):config", "high", False)
    connection.execute(sql_of(found).encode())
    assert [one for one in check_connection(connection)[0] if one.weighs] == []
