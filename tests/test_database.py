"""Opening connections: errors that keep secrets, limits for one transaction, the Data API's way."""

import logging
import socket
import traceback
from collections.abc import Callable, Iterator

import psycopg
import pytest
from psycopg import errors

from fixtures.servers import Database, People
from lab.database import connect as module
from lab.database.connect import (
    DatabaseUnavailable,
    as_data_api,
    connect,
    find_project,
    name_database,
    open_target,
    resolve_url,
)
from lab.database.embedded.server import EmbeddedPostgres, EmbeddedUnavailable

Make = Callable[..., Database]
SECRET = "s3cr3t-Pa55"

TABLE = """
create table public.note (id int primary key, owner uuid not null references auth.users (id));
alter table public.note enable row level security;
create policy own on public.note to authenticated
  using (owner = (select auth.uid())) with check (owner = (select auth.uid()));
grant select, insert on public.note to authenticated;
"""

# what is wrong with the URL -> (URL, what the error says). None of them may show SECRET.
BAD_URLS = {
    "port too high": (f"postgresql://u:{SECRET}@127.0.0.1:65536/db", "has a port that is not a number from 1 to 65535"),
    "port far too high": (f"postgresql://u:{SECRET}@127.0.0.1:{'9' * 5000}/db", "has a port that is not a number"),
    "port nought": (f"postgresql://u:{SECRET}@127.0.0.1:0/db", "has a port that is not a number from 1 to 65535"),
    "one port of two": (f"postgresql://u:{SECRET}@127.0.0.1:1,127.0.0.1:99999/db", "has a port that is not a number"),
    "a web address": (f"https://{SECRET}@abc.supabase.co", "is a web address"),
    "no URL": (f"postgres//u:{SECRET}@h/db", "is not a URL"),
    "at sign in the password": (f"postgresql://u:x@{SECRET}@127.0.0.1/db", "is not a URL"),
    "slash in the password": (f"postgresql://u:x/{SECRET}@127.0.0.1/db", "is not a URL"),
    "colon and slash in the password": (f"postgresql://u:{SECRET}/x@127.0.0.1/db", "is not a URL"),
    "per cent in the password": (f"postgresql://u:{SECRET}%zz@127.0.0.1/db", "is not a URL"),
    "unknown parameter": (f"postgresql://u:{SECRET}@127.0.0.1/db?nonsense={SECRET}", "is not a URL"),
    "nothing listens": (f"postgresql://u:{SECRET}@127.0.0.1:1/db", "nothing listens there"),
    "unknown host": (f"postgresql://u:{SECRET}@no-such-host.invalid/db", "the host name is not known"),
    "no socket": (f"postgresql://u:{SECRET}@/db?host=/nonexistent", "nothing listens there"),
    "bad certificate file": (
        f"postgresql://u:{SECRET}@127.0.0.1:1/db?sslmode=verify-full&sslrootcert=/{SECRET}",
        "127.0.0.1:1/db",
    ),
}


@pytest.fixture
def api(server: EmbeddedPostgres, database: Make) -> Database:
    one = database(server, "bare")
    with connect(one.url) as connection:
        connection.execute(TABLE)
    return one


@pytest.fixture
def authenticator(api: Database) -> Iterator[psycopg.Connection]:
    with connect(api.api_url) as connection:
        yield connection


@pytest.mark.parametrize("name", BAD_URLS)
def test_errors_hold_no_secret(name: str, caplog: pytest.LogCaptureFixture) -> None:
    url, said = BAD_URLS[name]
    with caplog.at_level(logging.DEBUG), pytest.raises(DatabaseUnavailable) as caught:
        connect(url)
    _check(caught.value, said, caplog.text)


def test_silent_server_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        with pytest.raises(DatabaseUnavailable) as caught:
            connect(f"postgresql://u:{SECRET}@127.0.0.1:{port}/db?connect_timeout=2")
    _check(caught.value, "the server did not answer in time", caplog.text)
    assert caught.value.subject == f"127.0.0.1:{port}/db"


def test_missing_database_and_user(server: EmbeddedPostgres) -> None:
    with pytest.raises(DatabaseUnavailable, match="there is no database nowhere"):
        connect(server.url("nowhere"))
    with pytest.raises(DatabaseUnavailable, match="there is no user nobody_at_all"):
        connect(server.url(user="nobody_at_all"))


# Words that no server of these tests says, as others say them -> what is made of them.
HEARD = {
    'FATAL:  password authentication failed for user "app"': "the password for app is wrong",
    "FATAL:  (EAUTH) Wrong password": "the password for app is wrong",
    "FATAL:  Tenant or user not found": "there is no user app",
    'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "app", database "shop", no encryption': "without enc",
    'FATAL:  no pg_hba.conf entry for host "10.0.0.1", user "app", database "shop", SSL encryption': (
        "this user from here, or"
    ),
    "FATAL:  sorry, too many clients already": "no connection left for app",
    'FATAL:  too many connections for database "shop"': "no connection left for app",
    "FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute": "no connection left",
    "FATAL:  MaxClientsInSessionMode: max clients reached": "no connection left",
    "FATAL:  the database system is starting up": "starting or stopping",
    "FATAL:  the database system is not yet accepting connections": "starting or stopping",
    "FATAL:  the database system is shutting down": "starting or stopping",
    "could not connect: Network is unreachable": "the network cannot reach it",
    "could not connect: No route to host": "the network cannot reach it",
    "could not connect: Connection timed out": "the server did not answer in time",
    "something that nobody has ever said": "the connection failed",
}


@pytest.mark.parametrize("words", HEARD)
def test_words_that_only_other_servers_say(words: str) -> None:
    parts = {"host": "h", "user": "app", "password": SECRET, "dbname": "shop"}
    error = module._explain(parts, f'connection to server at "h", port 5432 failed: {words} {SECRET}')
    _check(error, HEARD[words], "")


def _check(error: DatabaseUnavailable, said: str, log: str) -> None:
    assert said in str(error)
    assert error.next_step
    told = "".join(traceback.format_exception(error)) + repr(error) + repr(error.__context__) + log
    source = [line for line in told.splitlines() if "connect(" not in line]
    assert SECRET not in "\n".join(source)
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("url", "name"),
    [
        (f"postgresql://postgres.ref:{SECRET}@aws-0.pooler.supabase.com:6543/postgres",
         "aws-0.pooler.supabase.com:6543/postgres"),
        (f"postgres://u:{SECRET}@db.ref.example/postgres?sslmode=require", "db.ref.example:5432/postgres"),
        (f"host=localhost user=u password={SECRET}", "localhost:5432/u"),
        ("postgresql://postgres@/app?host=/run/pg", "socket/app"),
    ],
)  # fmt: skip
def test_names_hold_no_secret(url: str, name: str) -> None:
    assert name_database(url) == name
    target = open_target(url)
    assert target.name == name
    assert SECRET not in repr(target)
    assert target.url == url


@pytest.mark.parametrize(
    ("explicit", "environ", "expected"),
    [
        ("a", {"DATABASE_URL": "b"}, "a"),
        (None, {"DATABASE_URL": " b "}, "b"),
        ("a", {"DATABASE_URL": ""}, "a"),
        (None, {}, None),
    ],
)
def test_resolve_url(explicit: str | None, environ: dict[str, str], expected: str | None) -> None:
    assert resolve_url(explicit, environ) == expected


@pytest.mark.parametrize(
    ("explicit", "environ", "named"),
    [
        ("", {}, "--database-url"),
        (" ", {"DATABASE_URL": "b"}, "--database-url"),
        (None, {"DATABASE_URL": ""}, "DATABASE_URL"),
        (None, {"DATABASE_URL": "\n"}, "DATABASE_URL"),
    ],
)
def test_an_empty_url_does_not_lead_to_the_embedded_database(
    explicit: str | None, environ: dict[str, str], named: str
) -> None:
    with pytest.raises(DatabaseUnavailable, match=f"^{named}: is set, but empty. Set the secret"):
        resolve_url(explicit, environ)


@pytest.mark.parametrize(
    ("url", "project"),
    [
        (f"postgresql://postgres:{SECRET}@db.kqwvmzjrtxyplbncdfgh.supabase.co:5432/postgres", "kqwvmzjrtxyplbncdfgh"),
        (f"postgresql://postgres.kqwvmzjrtxyplbncdfgh:{SECRET}@aws-0-eu-west-1.pooler.supabase.com:6543/postgres",
         "kqwvmzjrtxyplbncdfgh"),
        (f"postgresql://postgres.kqwvmzjrtxyplbncdfgh:{SECRET}@db.shop.example:5432/postgres", None),
        (f"postgresql://postgres:{SECRET}@aws-0-eu-west-1.pooler.supabase.com/postgres", None),
        ("postgresql://postgres@/app?host=/run/pg", None),
    ],
)  # fmt: skip
def test_the_project_that_a_url_leads_to(url: str, project: str | None) -> None:
    assert find_project(url) == project


def test_embedded_target(server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "start_embedded", lambda folder, progress: server)
    target = open_target(None)
    assert (target.name, target.url, target.embedded) == ("embedded", server.url(), server)


def test_embedded_error_becomes_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: object, progress: object) -> EmbeddedPostgres:
        raise EmbeddedUnavailable("embedded Postgres", "is missing", "Do this")

    monkeypatch.setattr(module, "start_embedded", refuse)
    with pytest.raises(DatabaseUnavailable, match=r"embedded Postgres: is missing\. Do this\."):
        open_target(None)


def test_limits_live_in_each_transaction_alone(api: Database) -> None:
    with connect(api.url, statement_timeout_seconds=7, lock_timeout_seconds=0.5) as connection:
        for _ in range(2):
            assert _limits(connection) == ("7s", "500ms")
            connection.commit()
        with connection.transaction():
            assert _limits(connection) == ("7s", "500ms")
        connection.autocommit = True
        assert _limits(connection) == ("2min", "0")


def _limits(connection: psycopg.Connection) -> tuple[object, ...] | None:
    query = "select current_setting('statement_timeout'), current_setting('lock_timeout')"
    return connection.execute(query).fetchone()


def test_statement_is_cut_off(api: Database) -> None:
    with connect(api.url, statement_timeout_seconds=0.1) as connection:
        with pytest.raises(errors.QueryCanceled):
            connection.execute("select pg_sleep(5)")
        connection.rollback()


@pytest.mark.parametrize("statement", ["create table public.x ()", "delete from public.note"])
def test_read_only_refuses_writes(api: Database, statement: str) -> None:
    with connect(api.url, read_only=True) as connection:
        for _ in range(2):  # also in the second transaction
            with pytest.raises(errors.ReadOnlySqlTransaction):
                connection.execute(statement)
            connection.rollback()


def test_no_statement_is_prepared(api: Database) -> None:
    with connect(api.url) as connection:
        for _ in range(8):
            connection.execute("select %s::int", [1])
        row = connection.execute("select count(*) from pg_prepared_statements").fetchone()
    assert row == (0,)


def test_application_is_named(api: Database) -> None:
    with connect(api.url, application_name="lab test") as connection:
        assert connection.execute("select current_setting('application_name')").fetchone() == ("lab test",)


def test_owner_and_stranger(
    api: Database, authenticator: psycopg.Connection, people: Callable[[Database], People]
) -> None:
    known = people(api)
    insert = "insert into public.note values (1, %s)"
    with as_data_api(authenticator, role="authenticated", claims={"sub": str(known.owner)}, commit=True) as owner:
        assert owner.execute("select auth.uid(), current_user").fetchone() == (known.owner, "authenticated")
        owner.execute(insert, [known.owner])
    with as_data_api(authenticator, role="authenticated", claims={"sub": str(known.stranger)}) as stranger:
        assert stranger.execute("select * from public.note").fetchall() == []
    with (
        pytest.raises(errors.InsufficientPrivilege, match="row-level security"),
        as_data_api(authenticator, role="authenticated", claims={"sub": str(known.stranger)}) as stranger,
    ):
        stranger.execute("insert into public.note values (2, %s)", [known.owner])


REFUSED = {
    "anon without a grant": ("anon", False, "select * from public.note", "42501"),
    "service_role without a grant": ("service_role", False, "select * from public.note", "42501"),
    "write in a GET": (
        "authenticated",
        True,
        "insert into public.note values (1, gen_random_uuid())",
        "25006",
    ),
    "becoming postgres": ("postgres", False, "select 1", "42501"),
    "becoming the superuser": ("supabase_admin", False, "select 1", "42501"),
    "becoming nobody": ("no_such_role", False, "select 1", "22023"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_data_api_refuses(authenticator: psycopg.Connection, name: str) -> None:
    role, read_only, statement, state = REFUSED[name]
    with (
        pytest.raises(psycopg.Error) as refusal,
        as_data_api(authenticator, role=role, read_only=read_only) as request,
    ):
        request.execute(statement)
    assert refusal.value.sqlstate == state


def test_request_leaves_nothing_behind(authenticator: psycopg.Connection) -> None:
    look = "select current_user, current_setting('role'), current_setting('request.jwt.claims', true)"
    with as_data_api(authenticator, role="anon", claims={"sub": "x"}, commit=True) as request:
        assert request.execute(look).fetchone() == ("anon", "anon", '{"sub": "x", "role": "anon"}')
    after = authenticator.execute(look).fetchone()
    assert after == ("authenticator", "none", "")


def test_request_rolls_back_unless_told(
    api: Database, authenticator: psycopg.Connection, people: Callable[[Database], People]
) -> None:
    known = people(api)
    for commit, expected in ((False, 0), (True, 1)):
        claims = {"sub": str(known.owner)}
        with as_data_api(authenticator, role="authenticated", claims=claims, commit=commit) as request:
            request.execute("insert into public.note values (1, %s)", [known.owner])
        with as_data_api(authenticator, role="authenticated", claims=claims) as request:
            assert request.execute("select count(*) from public.note").fetchone() == (expected,)


@pytest.mark.parametrize(("role", "timeout"), [("anon", "3s"), ("authenticated", "8s"), ("service_role", "30s")])
def test_request_has_its_roles_timeout(authenticator: psycopg.Connection, role: str, timeout: str) -> None:
    look = "select current_setting('statement_timeout'), current_setting('search_path')"
    with as_data_api(authenticator, role=role) as request:
        assert request.execute(look).fetchone() == (timeout, '"public", "extensions"')


def test_request_needs_a_transaction_of_its_own(authenticator: psycopg.Connection) -> None:
    authenticator.execute("select 1")
    with pytest.raises(ValueError, match="commit or roll back"), as_data_api(authenticator, role="anon"):
        pass
    authenticator.rollback()
