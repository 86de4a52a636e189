"""Checks through a pooler: what is seen is the same, nothing is left behind, and nobody waits for it."""

import contextlib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import apply_migrations
from lab.migrations.files import read_migrations
from lab.readiness.request import Request
from lab.readiness.run import inspect_target
from lab.rules import RULES
from lab.services.anchor import AnchorSource, anchor_once, draw_key, read_states
from lab.services.worker import Site, Stop, run_once
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.connections.trial import ALL, SECRET, SOON, Databases, Run, Told


@pytest.fixture(scope="module")
def pooled(server: EmbeddedPostgres) -> Iterator[Callable[..., str]]:
    """Give URLs that lead through a pooler in transaction mode, with one connection for each user and database."""
    try:
        with network.pool(server.socket_folder) as port:
            yield lambda database, user="postgres": make_url(port, database.name, user)
    except Missing as reason:
        pytest.skip(str(reason))


# Of the connection itself; the pooler sets application_name and its like for each client anew.
LEFT = """
select jsonb_build_object(
  'backend', pg_backend_pid(),
  'user', current_user,
  'prepared', (select count(*) from pg_prepared_statements),
  'cursors', (select count(*) from pg_cursors where not statement like '%%jsonb_build_object%%'),
  'temporary', (select count(*) from pg_class where pg_my_temp_schema() <> 0 and relnamespace = pg_my_temp_schema()),
  'listening', (select count(*) from pg_listening_channels()),
  'settings', (select coalesce(jsonb_object_agg(name, setting), '{}') from pg_settings
                where source = 'session' and name <> 'application_name'),
  'own', (select coalesce(jsonb_object_agg(name, current_setting(name, true)), '{}')
            from unnest(%s::text[]) as name where current_setting(name, true) <> ''),
  'locks', (select count(*) from pg_locks where pid = pg_backend_pid() and locktype not in ('relation', 'virtualxid')),
  'members', (select jsonb_agg(m order by roleid, member) from pg_auth_members m))
"""
OWN = ["lab.relations", "lab.functions", "lab.hidden_relations", "lab.hidden_functions", "lab.exposed", "lab.beside",
       "lab.database", "lab.recent", "probe.plan", "probe.outcomes", "probe.identities", "probe.row", "probe.keys",
       "request.jwt.claims", "request.method"]  # fmt: skip


def look_behind(url: str) -> dict[str, Any]:
    """Return what the pooler's one connection holds between two transactions."""
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        row = connection.execute(LEFT.encode(), [OWN]).fetchone()
    assert row
    return dict(row[0])


def assert_nothing_left(url: str, before: dict[str, Any]) -> None:
    now = look_behind(url)
    assert now == before  # the same connection, too
    assert {name: now[name] for name in ("prepared", "cursors", "temporary", "listening", "locks")} == dict.fromkeys(
        ("prepared", "cursors", "temporary", "listening", "locks"), 0
    )
    assert (now["settings"], now["own"]) == ({}, {})


@pytest.mark.parametrize("user", ["postgres", "authenticator"])
@pytest.mark.parametrize("options", [(), ALL], ids=["wall", "all"])
def test_a_pooler_changes_nothing(
    user: str,
    options: tuple[str, ...],
    server: EmbeddedPostgres,
    shared_database: Databases,
    pooled: Callable[..., str],
    check: Callable[..., Told],
) -> None:
    place = shared_database(server)
    url = pooled(place, user)
    before, direct = look_behind(url), check(server.url(place.name, user), *options)
    for _ in range(2):
        told = check(url, *options)
        assert (told.code, told.err) == (direct.code, "")
        assert told.unknown == direct.unknown
        assert told.keys - {"server_pooler:connection"} == direct.keys
        assert told.report["server_version"] == direct.report["server_version"]
        assert_nothing_left(url, before)
    # Only postgres may read every bucket, and nobody can see whether there are backups.
    assert told.code == (1 if options or user != "postgres" else 0)


def test_operations_names_the_pooler(
    server: EmbeddedPostgres, shared_database: Databases, pooled: Callable[..., str], check: Callable[..., Told]
) -> None:
    told = check(pooled(shared_database(server)), "--family", "operations")
    (found,) = [entry for entry in told.report["findings"] if entry["key"] == "server_pooler:connection"]
    assert (found["severity"], found["seen"]) == ("info", "a pooler stands between this machine and the server")
    assert "transaction mode" in found["why"]
    assert "direct connection" in found["decide"]


def test_chapters_and_migrations_through_a_pooler(
    run: Run, server: EmbeddedPostgres, shared_database: Databases, database: Databases, pooled: Callable[..., str]
) -> None:
    sound, bare = pooled(shared_database(server)), pooled(database(server, "bare"))
    before, before_bare = look_behind(sound), look_behind(bare)
    count = len(read_migrations())
    for _ in range(2):
        assert "broken" not in run("chapters", "--database-url", sound)[1]
        assert run("migrate", "--database-url", sound)[0] == 0
        assert run("migrate", "--database-url", sound, "--apply")[0] == 0
    assert_nothing_left(sound, before)
    assert run("chapters", "--database-url", bare)[0] == 1
    code, out, _ = run("migrate", "--database-url", bare)
    assert (code, out.count("missing ")) == (1, count)
    code, out, _ = run("migrate", "--database-url", bare, "--apply")
    assert (code, out.count("(just now)")) == (0, count)
    assert run("check", "--database-url", bare)[0] == 0
    assert_nothing_left(bare, before_bare)


def test_ledgers_are_anchored_and_verified_through_a_pooler(
    server: EmbeddedPostgres, database: Databases, pooled: Callable[..., str], tmp_path: Path
) -> None:
    made = database(server, "demo")
    url, signer = pooled(made), draw_key("test.example/ledgers")
    before = look_behind(url)
    source = AnchorSource(tmp_path / "anchors", (signer.verifier,))
    for _ in range(2):
        anchor_once(source.path, signer, url, datetime.now(UTC))
        assert [state.fits for state in read_states(url, source, datetime.now(UTC)).values()] == [True, True]
    assert_nothing_left(url, before)


def test_two_at_once_share_one_connection(
    run: Run, server: EmbeddedPostgres, database: Databases, pooled: Callable[..., str]
) -> None:
    place = database(server, "bare")
    url = pooled(place)
    before = look_behind(url)
    with ThreadPoolExecutor() as pool:
        applied = list(pool.map(lambda _: apply_migrations(url), range(2)))
        assert sum(map(len, applied)) == len(read_migrations())
        question = Request(url=url, target="x", also=("probes", "data", "operations"))
        reports = list(pool.map(lambda _: inspect_target(question), range(2)))
    for report in reports:
        assert {f.key for f in report.findings} == {"server_durability:server", "server_pooler:connection"}
        assert [entry.what for entry in report.unknown] == ["Whether there are backups."]
    assert_nothing_left(url, before)


def test_two_workers_share_one_connection_of_the_pooler(
    server: EmbeddedPostgres, database: Databases, pooled: Callable[..., str]
) -> None:
    """Each run is begun and finished in transactions of its own, so nothing is left in the pooler's connection."""
    place = database(server)
    url = pooled(place, "authenticator")
    before = look_behind(url)
    tasks = tuple(task for task in RULES.schedule if not task.asks_stripe)
    with ThreadPoolExecutor() as pool, contextlib.closing(Stop()) as stop:
        sites = [Site(url=url, worker=f"pooled:{number}") for number in range(2)]
        ran = [one for runs in pool.map(lambda site: run_once(site, tasks, stop, print), sites) for one in runs]
    assert sorted((one.task.id, one.outcome) for one in ran) == sorted((task.id, "done") for task in tasks)
    assert_nothing_left(url, before)


COMMANDS = [("check",), ("check", "--family", "data"), ("check", "--family", "probes"), ("chapters",), ("migrate",),
            ("migrate", "--apply")]  # fmt: skip


def test_a_pooler_with_no_connection_free_is_not_waited_for(
    run: Run,
    server: EmbeddedPostgres,
    shared_database: Databases,
    pooled: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No limit on the server helps: it never hears of the question."""
    monkeypatch.setattr("lab.database.connect.CONNECT_TIMEOUT_SECONDS", 0.5)
    url = pooled(shared_database(server))
    with psycopg.connect(url, prepare_threshold=None) as holder:
        holder.execute("select 1")
        for command in COMMANDS:
            started = time.perf_counter()
            code, out, err = run(*command, "--database-url", url)
            assert code == 2, command
            assert "no answer came: the pooler has no free connection, or the network is down" in out + err
            assert "Traceback" not in err
            assert 0.5 < time.perf_counter() - started < SOON
    assert run("check", "--database-url", url)[0] == 0


def test_a_pooler_that_gives_up_first_says_so(
    server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    try:
        with network.pool(server.socket_folder, query_wait_timeout="1") as port:
            url = make_url(port, shared_database(server).name)
            with psycopg.connect(url, prepare_threshold=None) as holder:
                holder.execute("select 1")
                told = check(url)
    except Missing as reason:
        pytest.skip(str(reason))
    assert (told.code, told.out) == (2, "")
    assert "the pooler has no free connection" in told.err
    assert told.seconds < SOON


@pytest.mark.parametrize(
    ("settings", "database", "user", "said"),
    [
        ({}, "nowhere", "postgres", "there is no database nowhere"),
        ({}, "postgres", "nobody_of_this_name", "there is no user nobody_of_this_name"),
        ({"max_client_conn": "0"}, "postgres", "postgres", "the server has no connection left for postgres"),
    ],
    ids=["no such database", "no such user", "full"],
)
def test_a_pooler_that_does_not_let_in(
    settings: dict[str, Any],
    database: str,
    user: str,
    said: str,
    server: EmbeddedPostgres,
    check: Callable[..., Told],
) -> None:
    try:
        with network.pool(server.socket_folder, **settings) as port:
            told = check(make_url(port, database, user, SECRET))
    except Missing as reason:
        pytest.skip(str(reason))
    assert (told.code, told.out) == (2, ""), told.out
    assert said in told.err
