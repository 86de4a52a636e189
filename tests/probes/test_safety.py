"""Probing a live database leaves nothing, waits for nobody for long, and says clearly when it can't be done."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.probes import list_promise_results, matrix_rows, probe_database
from lab.checks.probes.session import Session
from lab.database.connect import DatabaseUnavailable, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rules import RULES
from tests.wall.scenes import Scene
from tests.wall.seeds import make_world

DIGEST = " union all ".join(
    f"select '{table}', count(*), md5(coalesce(string_agg(md5(to_jsonb(t)::text), '' order by to_jsonb(t)::text), ''))"
    f" from {table} t"
    for table in ["auth.users", *(table.qualified for table in RULES.tables)]
)
GRANTED = "select roleid::regrole, member::regrole from pg_auth_members order by 1, 2"
STRANGER = """
create table public.profiles (id uuid);
create function public.on_user() returns trigger language plpgsql security definer as $$
begin insert into public.profiles values (new.id); perform pg_notify('users', new.id::text); return new; end $$;
create trigger on_user after insert on {} for each row execute function public.on_user();
"""


@pytest.fixture(params=["migrated", "migrated_legacy"])
def lived_in(
    request: pytest.FixtureRequest, each_server: EmbeddedPostgres, database: Callable[..., Database]
) -> Database:
    """A database with people in it, on each major and with both flavours of default privileges."""
    made = database(each_server, request.param)
    with psycopg.connect(made.admin_url, prepare_threshold=None) as connection:
        make_world(Scene(connection))
        make_world(Scene(connection))
    return made


@pytest.fixture
def own(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    """A database of the default major for one test."""
    return database(server)


def look(database: Database, query: str) -> list[Any]:
    """Return what the superuser sees."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        return connection.execute(query.encode()).fetchall()


def gone(database: Database) -> bool:
    """Tell whether the session of the probes has ended, and every lock with it."""
    query = "select from pg_stat_activity where application_name = 'persistence-lab probes' and datname = '{}'"
    for _ in range(100):
        if not look(database, query.format(database.name)):
            return True
        time.sleep(0.02)
    return False


def change(database: Database, statement: str) -> None:
    """Change something as the superuser, for good."""
    with psycopg.connect(database.admin_url, autocommit=True) as connection:
        connection.execute(statement.encode())


@pytest.mark.sample(every=2, oldest=2, between=0)
def test_nothing_is_left_behind(lived_in: Database) -> None:
    before, granted = look(lived_in, DIGEST), look(lived_in, GRANTED)
    moved = "select sequencename, last_value from pg_sequences where schemaname = 'public' order by 1"
    numbers = dict(look(lived_in, moved))
    with psycopg.connect(lived_in.admin_url, autocommit=True) as listener:
        listener.execute("listen users")
        report = probe_database(lived_in.url)
        assert list(listener.notifies(timeout=0)) == []
    assert (report.state, report.findings, report.unknown) == ("holds", (), ())
    assert look(lived_in, DIGEST) == before
    assert look(lived_in, GRANTED) == granted
    assert gone(lived_in)
    drawn = {name: value - (numbers[name] or 0) for name, value in look(lived_in, moved) if value != numbers[name]}
    told = " ".join(report.notes)
    assert all(f"public.{name} by {count}" in told for name, count in drawn.items()), (drawn, report.notes)
    print(f"Postgres {lived_in.server.major}: {report.attempts} attempts in {report.seconds:.2f} s; drawn: {drawn}")


@pytest.mark.sample(every=2, oldest=2, between=0)
def test_rows_of_real_people_are_not_touched(lived_in: Database) -> None:
    """Whoever holds every real row makes no probe wait, and no probe makes them wait."""
    with psycopg.connect(lived_in.admin_url) as holder:
        for table in RULES.tables:
            holder.execute(f"select from {table.qualified} for update".encode())
        report = probe_database(lived_in.url)
    assert (report.state, report.unknown) == ("holds", ())


def test_a_pooled_session_is_given_back_as_it_was(own: Database) -> None:
    state = "select current_user, current_setting('search_path'), current_setting('session_replication_role'),"
    state += " current_setting('statement_timeout'), coalesce(current_setting('request.jwt.claims', true), ''),"
    state += " coalesce(current_setting('probe.plan', true), ''), (select count(*) from pg_prepared_statements),"
    state += " (select count(*) from pg_locks where pid = pg_backend_pid() and locktype = 'advisory')"
    with connect(own.url) as connection:
        before = connection.execute(state).fetchone()
        connection.rollback()
        for _ in range(2):
            session = Session(connection)
            session.run()
            assert session.report(0).state == "holds"
            connection.rollback()
        assert connection.execute(state).fetchone() == before


@pytest.mark.parametrize("how", ["pg_terminate_backend", "pg_cancel_backend"])
def test_an_interrupted_run_is_rolled_back(own: Database, how: str) -> None:
    before = look(own, DIGEST)
    met: list[object] = []
    stop = threading.Event()

    def interrupt() -> None:
        query = f"select {how}(pid) from pg_stat_activity where application_name = 'persistence-lab probes'"
        query += f" and state = 'active' and query like '%Runs each attempt%' and datname = '{own.name}'"
        with psycopg.connect(own.admin_url, autocommit=True) as admin:
            while not stop.is_set():  # a cancellation that comes as the statement ends does nothing
                met.extend(admin.execute(query.encode()).fetchall())
                time.sleep(0.002)

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        told = " ".join(unknown.why for unknown in probe_database(own.url).unknown)
    except DatabaseUnavailable as error:
        told = str(error)
    finally:
        stop.set()
        thread.join()
    assert met
    assert "rolled everything back" in told or "cancelled" in told or "rolled back" in told
    assert look(own, DIGEST) == before


def test_a_keyboard_interrupt_is_rolled_back(own: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(*_: Any) -> Iterator[Any]:
        raise KeyboardInterrupt

    before = look(own, DIGEST)
    monkeypatch.setattr(Session, "_phases", interrupt)
    with pytest.raises(KeyboardInterrupt):
        probe_database(own.url)
    assert look(own, DIGEST) == before
    assert gone(own)


def test_somebody_elses_trigger_rests(own: Database) -> None:
    """A trigger on auth.users makes profiles in many projects: it is not set off, and all is tried all the same."""
    change(own, STRANGER.format("auth.users"))
    report = probe_database(own.url)
    assert (report.state, report.unknown) == ("holds", ())


def test_a_trigger_on_our_tables_rests(own: Database) -> None:
    change(own, STRANGER.format("public.purchases").replace("new.id", "(select new.id / 0)"))
    report = probe_database(own.url)
    assert (report.findings, report.unknown) == ((), ())


@pytest.mark.parametrize(("table", "left"), [("auth.users", True), ("public.purchases", False)])
def test_a_trigger_that_never_rests_is_not_set_off(own: Database, table: str, left: bool) -> None:
    change(own, STRANGER.format(table) + f"alter table {table} enable always trigger on_user")
    report = probe_database(own.url)
    assert f"on_user on {table}" in report.unknown[0].why
    assert report.findings == ()
    assert bool(report.results) is left
    held = {sentence.id for sentence in list_promise_results(report) if sentence.state == "held"}
    assert held <= {"get_writes_nothing"}
    rows = [row for row in matrix_rows(report) if row.kind == "table"]
    green = {cell.word for row in rows for cell in row.cells if cell.state == "holds"}
    assert green <= {"nothing"}, "what needs a row to be tried on is not green without one"


def test_a_locked_table_is_waited_for_shortly(own: Database) -> None:
    with psycopg.connect(own.admin_url) as holder:
        holder.execute("lock table public.purchases in access exclusive mode")
        started = time.perf_counter()
        report = probe_database(own.url)
    assert time.perf_counter() - started < 5
    assert "holds a lock" in report.unknown[0].why


def test_a_read_only_database_is_refused(own: Database) -> None:
    change(own, f"alter database {own.name} set default_transaction_read_only = on")
    report = probe_database(own.url)
    assert (report.state, report.results) == ("unknown", ())
    assert "read-only" in report.unknown[0].why


def test_a_bare_database_is_refused(server: EmbeddedPostgres, database: Callable[..., Database]) -> None:
    report = probe_database(database(server, "bare").url)
    assert "None of the tables" in report.unknown[0].why


@pytest.mark.parametrize("role", ["authenticator", "supabase_auth_admin"])
def test_a_role_without_rights_finds_nothing_and_says_why(own: Database, role: str) -> None:
    report = probe_database(own.server.url(own.name, role))
    assert report.state == "unknown"
    assert report.findings == ()
    assert all(unknown.why for unknown in report.unknown)


def test_a_missing_role_is_said(own: Database) -> None:
    """Without a role nobody can act as it; the others are tried."""
    with connect(own.url) as connection:
        for schema in ("public", "operations", "wall"):
            connection.execute(f"revoke all on schema {schema} from oracle_operator".encode())
        session = Session(connection)
        session.run()
        seen = {finding.subject for finding in session.report(0).findings}
        connection.rollback()
    assert "operations.purchases" in seen
