"""Checks with somebody in the way: locks, sessions that are ended, limits of time."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import _LOCK
from lab.rules.invariants import INVARIANTS
from tests.connections.trial import SOON, Databases, Run, Told, as_superuser


@contextlib.contextmanager
def locked(place: Database, *tables: str) -> Iterator[None]:
    """Hold the strongest lock on tables in an open transaction."""
    with psycopg.connect(place.admin_url) as holder:
        for table in tables:
            holder.execute(f"lock table {table} in access exclusive mode".encode())
        yield
        holder.rollback()


def test_a_locked_table_is_named_and_not_waited_for(
    run: Run, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place = database(server)
    with locked(place, "public.purchases"):
        told = check(place.url)
        assert (told.code, told.keys) == (2, set())
        assert "purchases was locked by another session for more than 3 s" in told.unknown["the catalogue"]
        assert told.seconds < SOON
        rows = check(place.url, "--family", "data")
        assert rows.code == 1  # what needs no purchase was asked
        assert 3 <= len(rows.unknown) < len(INVARIANTS) / 2
        assert all("Another session holds a lock" in why for why in rows.unknown.values())
        assert rows.seconds < SOON
        tried = check(place.url, "--family", "probes")
        assert (tried.code, "Another session is changing the tables" in tried.unknown["the probes"]) == (2, True)
        assert check(place.url, "--family", "operations").unknown.keys() == {"Whether there are backups."}
        started = time.perf_counter()
        code, out, _ = run("chapters", "--database-url", place.url)
        assert (code, "Another session holds a lock" in out, "broken" in out) == (1, True, False)
        assert time.perf_counter() - started < SOON
    assert check(place.url, "--data").code == 0


def test_a_locked_catalogue_is_named_and_not_waited_for(
    run: Run, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place = database(server)
    with locked(place, "pg_catalog.pg_policy"):
        told = check(place.url)
        assert (told.code, told.seconds < SOON) == (2, True)
        assert "pg_policy was locked by another session" in told.unknown["the catalogue"]
        rows = check(place.url, "--family", "data")  # some questions need no policy
        assert (rows.code, rows.seconds < SOON) == (1, True)
        code, out, _ = run("chapters", "--database-url", place.url)  # some questions need no policy
        assert (code, "pg_policy was locked by another session" in out, "broken" in out) == (1, True, False)
    with locked(place, "supabase_migrations.schema_migrations"):
        told = check(place.url, "--family", "operations")
        assert "a migration may be running" in told.unknown["Which migrations are applied."]
        assert "Whether there are backups." in told.unknown
        code, _, err = run("migrate", "--database-url", place.url)
        assert (code, "another session holds a lock that it needs" in err) == (2, True)


def test_a_catalogue_that_every_login_needs(
    server: EmbeddedPostgres, database: Databases, check: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.database.connect.CONNECT_TIMEOUT_SECONDS", 2)
    place = database(server)
    with locked(place, "pg_catalog.pg_attribute"):
        told = check(place.url)
    assert (told.code, told.out) == (2, "")
    assert "the server did not answer in time" in told.err
    assert told.seconds < SOON


@contextlib.contextmanager
def killed(place: Database) -> Iterator[None]:
    """End the session of whoever waits for a lock here, as an administrator would."""
    done = threading.Event()
    kill = """select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database()
               and application_name like 'persistence-lab%' and wait_event_type = 'Lock'"""

    def end() -> None:
        with psycopg.connect(place.admin_url, autocommit=True) as admin:
            while not admin.execute(kill).fetchall() and not done.wait(0.02):
                pass

    thread = threading.Thread(target=end)
    thread.start()
    yield
    done.set()
    thread.join()


@pytest.mark.parametrize("option", ["schema", "data", "operations"])
def test_a_session_that_is_ended_in_the_middle(
    option: str, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place = database(server)
    with locked(place, "public.purchases", "public.delivery_jobs"), killed(place):
        told = check(place.url, "--family", option)
    assert told.code == 2
    assert "the server closed the connection: it is stopping, or the session was terminated" in told.out + told.err
    assert told.seconds < SOON
    assert len(told.err.splitlines()) == (1 if option == "schema" else 0)


def test_what_was_found_before_is_not_lost(
    server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    """The wall is read first; then the session that counts is ended."""
    place = database(server)
    as_superuser(place.admin_url, "grant select on public.share_cards to anon", "create schema elsewhere")
    as_superuser(place.admin_url, "create table elsewhere.held ()")
    with locked(place, "supabase_migrations.schema_migrations"), killed(place):
        told = check(place.url, "--operations")
    assert told.code == 1
    assert "privilege:table|public.share_cards|anon|SELECT:extra" in told.keys
    assert any("the server closed the connection" in why for why in told.unknown.values())


@pytest.mark.parametrize("command", [("chapters",), ("migrate",), ("migrate", "--apply")], ids=" ".join)
def test_commands_whose_session_is_ended(
    command: tuple[str, ...], run: Run, server: EmbeddedPostgres, database: Databases
) -> None:
    place = database(server)
    with (
        locked(place, "public.consents", "supabase_migrations.schema_migrations"),
        psycopg.connect(place.admin_url) as migrating,
        killed(place),
    ):
        migrating.execute(_LOCK)
        code, out, err = run(*command, "--database-url", place.url)
    assert (code, out) == (2, "")
    assert "the server closed the connection" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("family", "limit"),
    [
        ("schema", "lab.checks.schema.check.STATEMENT_SECONDS"),
        ("probes", "lab.checks.probes.session.STATEMENT_SECONDS"),
    ],
)
def test_a_limit_of_time_is_kept(
    family: str,
    limit: str,
    server: EmbeddedPostgres,
    shared_database: Databases,
    check: Callable[..., Told],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limit, 0.002)
    told = check(shared_database(server).url, "--family", family)
    assert (told.code, told.keys) == (2, set())
    assert told.unknown
    assert told.seconds < SOON
