"""The history in Postgres: who may use it, what a check of its database finds, and what is said when it fails."""

import logging
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.database.pool import open_engine
from lab.readiness.history import (
    HistoryUnavailable,
    SharedHistory,
    access,
    find_history,
    read_runs,
    read_targets,
    record_run,
    tables,
)
from tests.connections.network import find_port, make_url
from tests.readiness.reports import run

Databases = Callable[..., Database]
Run = Callable[..., tuple[int, str, str]]
SECRET = "s3cr3t%20p%40ss"
ROLES = ("anon", "authenticated", "service_role", "authenticator", "ai_worker", "oracle_operator")


@pytest.fixture(autouse=True)
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Let no test log a password, however much is logged."""
    caplog.set_level(logging.DEBUG)
    yield
    assert "s3cr3t" not in caplog.text


def as_superuser(database: Database, *statements: str) -> None:
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def explain(history: SharedHistory) -> str:
    """Return what is said of a history that can be neither written nor read; the words name no password."""
    with pytest.raises(HistoryUnavailable) as raised:
        record_run(history, run(1))
    error: BaseException | None = raised.value
    while error:
        assert "s3cr3t" not in f"{error!r} {error}"
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return str(raised.value)


@pytest.mark.parametrize("template", ["migrated", "migrated_legacy"])
def test_a_check_of_the_database_that_holds_the_history(
    template: str, server: EmbeddedPostgres, database: Databases, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = database(server, template)
    check = ("check", "--database-url", made.url, "--data", "--probe", "--format", "markdown")
    before = run(*check, "--no-history")
    assert before[0] == 0, before[1]
    monkeypatch.setenv("LAB_HISTORY_URL", made.url)
    assert run(*check) == before  # which makes the schema
    assert run(*check) == before
    assert len(read_runs(SharedHistory(made.url))) == 2
    assert "lab_history" not in before[1]


GENEROUS = (
    "alter default privileges for role postgres grant all on schemas to public, anon, authenticated",
    "alter default privileges for role postgres grant all on tables to public, anon, authenticated, service_role",
    "alter default privileges for role postgres grant all on sequences to public, anon, service_role",
)
REACHED = """
select r.rolname, c.relname
  from pg_roles r, pg_class c
 where r.rolname = any (%s) and c.relnamespace = 'lab_history'::regnamespace and c.relkind in ('r', 'S')
   and (has_schema_privilege(r.oid, c.relnamespace, 'usage, create')
        or case c.relkind when 'S' then has_sequence_privilege(r.oid, c.oid, 'usage, select, update')
                          else has_table_privilege(r.oid, c.oid, 'select, insert, update, delete, truncate') end)
"""


@pytest.mark.parametrize("settings", [(), GENEROUS], ids=["usual", "generous default privileges"])
def test_nobody_else_may_use_it(settings: tuple[str, ...], server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    as_superuser(made, *settings)
    record_run(SharedHistory(made.url), run(1))
    with psycopg.connect(made.admin_url) as admin:
        assert admin.execute(REACHED, [list(ROLES)]).fetchall() == []


def test_a_user_without_rights_is_told_the_statement_that_helps(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    history = SharedHistory(made.api_url)
    assert explain(history) == (
        f"{history}: the user may not make or use the schema lab_history."
        " Let it, as the database's owner: create schema lab_history authorization ..."
    )
    as_superuser(made, "create schema lab_history authorization authenticator")
    record_run(history, run(1))
    assert read_runs(history) == (run(1),)


def test_another_users_history_is_closed(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    record_run(SharedHistory(made.url), run(1))
    for use in (read_runs, read_targets):
        with pytest.raises(HistoryUnavailable, match="the user may not make or use the schema lab_history"):
            use(SharedHistory(made.api_url))
    assert "may not make or use" in explain(SharedHistory(made.api_url))


def test_a_user_that_only_reads(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    history = SharedHistory(made.url)
    record_run(history, run(1))
    reading = SharedHistory(f"{made.url}&options=-cdefault_transaction_read_only%3Don")
    assert "does not accept writes from this user. Name the primary" in explain(reading)
    assert read_runs(reading) == (run(1),)


def test_it_goes_on_when_the_server_has_ended_the_connections(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    history = SharedHistory(made.url)
    record_run(history, run(1))
    others = "from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()"
    as_superuser(made, f"select pg_terminate_backend(pid) {others}")
    record_run(history, run(2))
    assert len(read_runs(history)) == 2


def test_who_comes_while_another_makes_the_tables_waits_for_them(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    history = SharedHistory(made.url)
    with ThreadPoolExecutor() as pool:
        with access.open_for_writing(history) as connection:
            tables.insert_run(connection, run(1))
            second = pool.submit(record_run, history, run(2))
            wait_for_a_lock(made)
        second.result(timeout=10)
    assert read_runs(history) == (run(1), run(2))


def wait_for_a_lock(database: Database) -> None:
    waiting = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
    deadline = time.monotonic() + 10
    with psycopg.connect(database.admin_url, autocommit=True) as admin:
        while not admin.execute(waiting.encode()).fetchone():
            assert time.monotonic() < deadline, "nobody waits"
            time.sleep(0.01)


def test_a_reader_sees_one_state(server: EmbeddedPostgres, database: Databases) -> None:
    """Else a run that is deleted meanwhile would be read without its findings."""
    history = SharedHistory(database(server, "bare").url)
    record_run(history, run(1, target="x"))
    with access.open_for_reading(history) as connection:
        assert connection
        assert tables.select_targets(connection) == ("x",)
        record_run(history, run(2, target="y"))
        assert tables.select_targets(connection) == ("x",)
    assert read_targets(history) == ("x", "y")


def test_connections_are_used_again(server: EmbeddedPostgres, database: Databases) -> None:
    made = database(server, "bare")
    history, pool = SharedHistory(made.url), open_engine(made.url, access.WAIT_SECONDS).pool
    opened: list[Any] = []
    event.listen(pool, "connect", lambda connection, _: opened.append(connection))
    for day in range(5):
        record_run(history, run(day))
        read_runs(history)
    assert len(opened) == 1


NOWHERE: dict[str, tuple[Callable[[], str], str]] = {
    "nobody listens": (lambda: make_url(find_port(), "shop", "lab", "s3cr3t p@ss"), "nothing listens there"),
    "unknown host": (lambda: f"postgresql://lab:{SECRET}@nowhere.invalid/shop", "the host name is not known"),
    "not a URL": (lambda: "postgresql://lab:s3cr3t@p@ss/word@db/shop", "is not a URL that Postgres understands"),
    "another product's": (lambda: f"mysql://lab:{SECRET}@db/shop", "is not a URL that Postgres understands"),
    "empty": (lambda: " ", "is not a URL that Postgres understands"),
    "in memory": (lambda: "sqlite:///:memory:", "is not a URL that Postgres understands"),
}


@pytest.mark.parametrize("case", NOWHERE)
def test_a_url_that_leads_nowhere(case: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    make, sentence = NOWHERE[case]
    history = find_history({"LAB_HISTORY_URL": make()})
    assert isinstance(history, SharedHistory)
    assert sentence in explain(history)
    assert "s3cr3t" not in f"{history!r} {history} {open_engine(history.url, 1)!r}"
    monkeypatch.setenv("LAB_HISTORY_URL", history.url)
    code, out, err = run("history")
    assert (code, out) == (2, "")
    assert sentence in err
    assert "s3cr3t" not in err


def test_a_check_goes_on_without_its_history(
    server: EmbeddedPostgres, database: Databases, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_HISTORY_URL", make_url(find_port(), "shop", "lab", "s3cr3t p@ss"))
    code, out, err = run("check", "--database-url", database(server).url)
    assert (code, "READY" in out.upper()) == (0, True)
    assert "warning: this check is not kept. 127.0.0.1:" in err
