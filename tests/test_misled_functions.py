"""Functions that run with rights over the wall: which the check says can be misled, and which it leaves alone."""

from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import sql

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
WATCH = "create function beside.look() returns trigger language plpgsql security definer {} as 'begin return new; end'"
WATCHED = "create trigger look before insert on {} for each row execute function beside.look()"
ROWS = "create table beside.notes (id int primary key, author uuid)"
WRITTEN = "grant insert on beside.notes to authenticated"
CASCADE = "create table beside.pages (note int references beside.notes on delete {})"
EVERYBODY = "grant execute on function beside.look() to public"

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
    "a trigger's that the AI may execute": (
        (WATCH.format(PINNED), OPEN.replace("authenticated", "ai_worker")), "ai_worker may execute it",
    ),
    "a trigger's that everybody may execute": ((WATCH.format(""), EVERYBODY), "public may execute it"),
    "a trigger's that visitors fire": (
        (WATCH.format(""), ROWS, WATCHED.format("beside.notes"), WRITTEN), "has no search_path",
    ),
    "a trigger's that visitors execute and fire": (
        (WATCH.format(""), ROWS, WATCHED.format("beside.notes"), WRITTEN, EVERYBODY), "public may execute it",
    ),
    "a trigger's, by a column": (
        (WATCH.format(""), ROWS, WATCHED.format("beside.notes").replace("insert", "update"),
         "grant update (author) on beside.notes to oracle_operator"),
        "has no search_path",
    ),
    "a trigger's, by a view": (
        (WATCH.format(""), ROWS, WATCHED.format("beside.notes"), "create view beside.mine as table beside.notes",
         "grant insert on beside.mine to authenticated"),
        "has no search_path",
    ),
    "a trigger's, by a rule": (
        (WATCH.format(""), ROWS, WATCHED.format("beside.notes"), "create table beside.inbox (id int)",
         "create rule pass as on insert to beside.inbox do also insert into beside.notes values (new.id)",
         "grant insert on beside.inbox to authenticated"),
        "has no search_path",
    ),
    "a trigger's, by a cascade": (
        (WATCH.format(""), ROWS, CASCADE.format("cascade"), WATCHED.format("beside.pages").replace("insert", "delete"),
         "grant delete on beside.notes to authenticated"),
        "has no search_path",
    ),
    "a trigger's, by the whole of a partition": (
        (WATCH.format(""), "create table beside.notes (id int) partition by list (id)",
         "create table beside.first partition of beside.notes for values in (1)", WATCHED.format("beside.first"),
         WRITTEN),
        "has no search_path",
    ),
    "a trigger's at the end of a transaction": (
        (WATCH.format(""), ROWS, "create constraint trigger look after insert on beside.notes initially deferred"
         " for each row execute function beside.look()"),
        "has no search_path",
    ),
    "a trigger's with a path, by a function": (
        (WATCH.format("set search_path = ''"), ROWS, WATCHED.format("beside.notes"),
         "create function beside.note() returns void language plpgsql security definer set search_path = pg_catalog,"
         " pg_temp as 'begin insert into beside.notes values (1); end'",
         "grant execute on function beside.note() to authenticated"),
        "looks into pg_temp before",
    ),
    "a trigger's with a path, by a function that builds its SQL": (
        (WATCH.format("set search_path = ''"), ROWS, WATCHED.format("beside.notes"),
         "create function beside.note() returns void language plpgsql security definer set search_path = pg_catalog,"
         " pg_temp as $f$begin execute format('delete from beside.%I', 'notes'); end$f$",
         "grant execute on function beside.note() to authenticated"),
        "looks into pg_temp before",
    ),
    "a trigger's on a table of somebody else": (
        (WATCH.format(""), ROWS, WATCHED.format("beside.notes"), "reset role", "create role guest",
         "alter table beside.notes owner to guest"),
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


# how a trigger function is made and attached as `postgres`, which no other role can run
CLOSED: dict[str, tuple[str, ...]] = {
    "attached to nothing": (WATCH.format(""),),
    "attached to accounts": (WATCH.format(""), "reset role", WATCHED.format("auth.users")),
    "attached to accounts, with a path": (
        WATCH.format("set search_path = ''"), "reset role", WATCHED.format("auth.users"),
    ),
    "attached to rows that nobody writes": (WATCH.format(""), ROWS, WATCHED.format("beside.notes")),
    "attached to rows that others read": (
        WATCH.format(""), ROWS, WATCHED.format("beside.notes"), WRITTEN.replace("insert", "select"),
    ),
    "attached to rows that the site's server writes": (
        WATCH.format(""), ROWS, WATCHED.format("beside.notes"), WRITTEN.replace("authenticated", "service_role"),
    ),
    "attached to rows below others that are only added to": (
        WATCH.format(""), ROWS, CASCADE.format("no action"), WATCHED.format("beside.pages"), WRITTEN,
    ),
    "below a view that takes no rows": (
        WATCH.format(""), ROWS, WATCHED.format("beside.notes"),
        "create view beside.authors as select distinct author from beside.notes",
        "grant all on beside.authors to authenticated",
    ),
    "disabled": (
        WATCH.format(""), ROWS, WATCHED.format("beside.notes"), WRITTEN,
        "alter table beside.notes disable trigger look",
    ),
    "with a path, beside a function that reads": (
        WATCH.format("set search_path = ''"), ROWS, WATCHED.format("beside.notes"),
        "create function beside.note() returns bigint language plpgsql security definer set search_path = pg_catalog,"
        " pg_temp as 'begin update beside.other set a = (select count(*) from beside.notes); return 1; end'",
        "grant execute on function beside.note() to authenticated",
    ),
    "without a path, beside a function with one": (
        WATCH.format(""), ROWS, WATCHED.format("beside.notes"),
        "create function beside.note() returns void language plpgsql security definer set search_path = pg_catalog,"
        " pg_temp as 'begin insert into beside.notes values (1); end'",
        "grant execute on function beside.note() to authenticated",
    ),
}  # fmt: skip


@pytest.fixture
def connection(each_server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shared_database(each_server).admin_url, prepare_threshold=None) as connection:
        connection.execute("set role postgres")
        connection.execute("create schema beside; create schema loose")
        yield connection
        connection.rollback()


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
    left = [one for one in check_connection(connection)[0] if one.key.startswith("misled_function:")]
    assert [one for one in left if one.weighs] == []


@pytest.mark.parametrize("made", CLOSED.values(), ids=CLOSED)
def test_a_trigger_function_that_only_its_owners_run_is_information(
    connection: psycopg.Connection, made: tuple[str, ...]
) -> None:
    for statement in made:
        connection.execute(statement.encode())
    connection.execute("reset role")
    (found,) = [one for one in check_connection(connection)[0] if one.key.startswith("misled_function:")]
    assert (found.severity, "No other role may execute it" in found.why) == ("info", True)
    assert not found.repair


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


# a login's own type, which Postgres casts by the login's own function where the trigger function reads a column
ATTACK = (
    "create type pg_temp.mine as (word text)",
    "create function pg_temp.tell(pg_temp.mine) returns uuid language plpgsql as"
    " $f$begin raise exception 'ran as %', current_user; end$f$",
    "create cast (pg_temp.mine as uuid) with function pg_temp.tell(pg_temp.mine) as assignment",
    "create temp table bait (id pg_temp.mine)",
    "create trigger look before insert on bait for each row execute function beside.look()",
    "insert into bait values (row('a'))",
)


@pytest.mark.parametrize("path", ["", "set search_path = ''", PINNED])
def test_a_login_runs_its_code_through_a_trigger_function_that_it_may_execute(
    connection: psycopg.Connection, path: str
) -> None:
    keep = "begin insert into beside.people values (new.id); return new; end"
    connection.execute("create table beside.people (id uuid)")
    connection.execute(WATCH.format(path).replace("begin return new; end", keep).encode())
    connection.execute(
        "grant execute on function beside.look() to ai_worker; grant usage on schema beside to ai_worker"
    )
    with pytest.raises(psycopg.errors.RaiseException, match="ran as postgres"):
        attack(connection)
    (found,) = [one for one in check_connection(connection)[0] if one.key.startswith("misled_function:")]
    connection.execute(sql_of(accept_proposal(found)).encode())
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="permission denied for function"):
        attack(connection)


def attack(connection: psycopg.Connection) -> None:
    """Run the attack as a login of ours, in a session that has temporary tables as the platform's have."""
    connection.execute("reset role")
    database = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("grant temporary on database {} to public").format(database))
    with connection.transaction():
        connection.execute("set local role ai_worker")
        for statement in ATTACK:
            connection.execute(statement.encode())
