"""Checks over real connections: by password and SSL, through a pooler, on a standby, with few rights, in the way.

Whatever goes wrong: one clear line within seconds, the right exit code, and no secret in any form of the report.
"""

import contextlib
import json
import os
import signal
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
import pytest

from lab.catalogue import make_scope
from lab.committed import read_migrations
from lab.database import CONNECT_TIMEOUT_SECONDS, connect
from lab.embedded import EmbeddedPostgres
from lab.failures import NoAnswer
from lab.migrate import _LOCK
from lab.operations import check_operations
from lab.readiness.formats import FORMATS
from lab.readiness.inspection import inspect_target
from lab.readiness.question import Question
from tests.connections import network
from tests.connections.network import Missing, make_url
from tests.forwarding import forward
from tests.servers import Database, NoServer

pytestmark = pytest.mark.xdist_group("connections")

Databases = Callable[..., Database]
Run = Callable[..., tuple[int, str, str]]
SECRET = "s3cr3t p@ss/word"
SOON = 5.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a check came to: its exit code, its words, its report as data, and how long it took."""

    code: int
    out: str
    err: str
    seconds: float
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def unknown(self) -> dict[str, str]:
        """What could not be checked, and why."""
        return {entry["what"]: entry["why"] for entry in self.report["unknown"]}

    @property
    def keys(self) -> set[str]:
        """What was found, but for what is so on every server of the tests."""
        return {found["key"] for found in self.report["findings"]} - {"server_durability:server"}


@pytest.fixture
def check(run: Run, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> Callable[..., Told]:
    """Check a URL in all forms at once; none of them, nor anything else that is said, holds the password."""

    def check_url(url: str, *options: str) -> Told:
        files = {form: tmp_path / f"report.{form}" for form in FORMATS}
        writes = [part for form, path in files.items() for part in ("--write", f"{form}={path}")]
        started = time.perf_counter()
        code, out, err = run("check", "--database-url", url, "--no-history", *options, *writes)
        seconds = time.perf_counter() - started
        written = {form: path.read_text() for form, path in files.items() if path.exists()}
        said = "".join((out, err, caplog.text, *written.values()))
        assert SECRET not in said
        assert quote(SECRET, safe="") not in said
        assert "Traceback" not in said
        assert len(written) == (len(FORMATS) if out else 0)
        report = json.loads(written["json"]) if written else {}
        for path in files.values():
            path.unlink(missing_ok=True)
        return Told(code=code, out=out, err=err, seconds=seconds, report=report)

    return check_url


def as_superuser(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


# By password and SSL ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Guarded:
    """A server that asks for a password and SSL on TCP, a sound database on it, and its certificate."""

    server: network.Server
    database: str
    certificate: Path

    def url(self, user: str = "postgres", password: str = SECRET, database: str = "", **options: str) -> str:
        return self.server.tcp_url(database or self.database, user, password, **options)


USERS = f"""
alter role postgres password '{SECRET}';
create role shut_out nologin password '{SECRET}';
create role full_up login connection limit 0 password '{SECRET}';
create role late login password '{SECRET}' valid until '2020-01-01';
create role outsider login password '{SECRET}';
create role fenced login password '{SECRET}';
"""


@pytest.fixture(scope="module")
def guarded(server_with_ssl: EmbeddedPostgres, shared_database: Databases) -> Iterator[Guarded]:
    made = shared_database(server_with_ssl)
    folder = network.copy_server(server_with_ssl, f"guarded-{uuid.uuid4().hex[:8]}")
    try:
        certificate = network.make_certificate(folder)
    except Missing as reason:
        pytest.skip(str(reason))
    access = "hostnossl all fenced 127.0.0.1/32 reject\nhost all fenced 127.0.0.1/32 reject\n"
    access += network.ACCESS.replace("host all", "hostssl all")
    with network.serve_folder(folder, major=server_with_ssl.major, access=access, ssl="on") as served:
        as_superuser(
            served.url(made.name, "supabase_admin"),
            *filter(str.strip, USERS.split(";")),
            "create database walled",
            "revoke connect on database walled from public",
            "create database closed allow_connections false",
        )
        yield Guarded(served, made.name, certificate)


# What is wrong -> how the URL differs from a good one, and what is said.
REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "wrong password": ({"password": f"{SECRET}!"}, "the password for postgres is wrong, missing or expired"),
    "no password": ({"password": ""}, "the password for postgres is wrong, missing or expired"),
    "expired password": ({"user": "late"}, "the password for late is wrong, missing or expired"),
    "unknown user": ({"user": "nobody"}, "the password for nobody is wrong"),  # servers don't tell these apart
    "no login": ({"user": "shut_out"}, "the user shut_out may not log in"),
    "no connection left": ({"user": "full_up"}, "the server has no connection left for full_up"),
    "unknown database": ({"database": "nowhere"}, "there is no database nowhere"),
    "no right to connect": (
        {"user": "outsider", "database": "walled"}, "the user outsider may not connect to the database walled",
    ),
    "closed database": ({"database": "closed"}, "the database closed lets nobody in"),
    "in the clear": ({"sslmode": "disable"}, "does not let this user in from here, at least not without encryption"),
    "fenced off": ({"user": "fenced"}, "does not let this user in from here, or not into this database"),
    "no authority": ({"sslmode": "verify-full"}, "the server's certificate can't be verified"),
    "another authority": (
        {"sslmode": "verify-full", "sslrootcert": "system"}, "the server's certificate can't be verified",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSALS)
def test_who_is_not_let_in_is_told_why(case: str, guarded: Guarded, check: Callable[..., Told]) -> None:
    changes, said = REFUSALS[case]
    told = check(guarded.url(**changes))
    assert (told.code, told.out) == (2, ""), told.err
    assert said in told.err
    assert len(told.err.splitlines()) == 1
    assert told.seconds < SOON


def test_a_certificate_is_for_one_host(guarded: Guarded, check: Callable[..., Told]) -> None:
    verified = guarded.url(sslmode="verify-full", sslrootcert=str(guarded.certificate))
    told = check(verified)
    assert (told.code, "certificate is for another host" in told.err) == (2, True)
    assert check(verified.replace("127.0.0.1", "localhost")).code == 0


@pytest.mark.parametrize("options", [{}, {"sslmode": "require"}], ids=["as the URL comes", "sslmode=require"])
def test_the_right_password_is_let_in(options: dict[str, str], guarded: Guarded, check: Callable[..., Told]) -> None:
    told = check(guarded.url(**options), "--data", "--operations")
    assert told.code == 1  # nobody can see whether there are backups
    assert told.keys == set()
    assert list(told.unknown) == ["Whether there are backups."]


def test_operations_sees_whether_ssl_is_on(guarded: Guarded) -> None:
    def rules(url: str) -> set[str]:
        with connect(url, read_only=True) as connection:
            assert bool(connection.pgconn.ssl_in_use) is ("sslmode=require" in url)
            return {finding.rule for finding in check_operations(connection, remote=True).findings}

    assert "server_encryption" not in rules(guarded.url(sslmode="require"))
    assert "server_encryption" in rules(guarded.server.url(guarded.database))


def test_a_server_without_ssl_says_so(
    server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    with forward(server.socket_folder) as port:
        told = check(make_url(port, shared_database(server).name, "postgres", SECRET, sslmode="require"))
    assert (told.code, told.out) == (2, "")
    assert "the server offers no encryption, and the URL asks for it" in told.err


# Nobody there, or somebody else ---------------------------------------------------------------------------


@contextlib.contextmanager
def listen(answer: bytes | None) -> Iterator[int]:
    """Listen for connections: answer each with some bytes and hang up, or never say a word."""
    held: list[socket.socket] = []

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listener was closed: the block has ended
            while True:
                client, _ = listener.accept()
                held.append(client)
                if answer is not None:
                    client.recv(1024)
                    client.sendall(answer)
                    client.close()

    with socket.create_server((network.HOST, 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield int(listener.getsockname()[1])
        listener.shutdown(socket.SHUT_RDWR)
    for client in held:
        client.close()


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"+OK\r\n"])
def test_something_else_listens_there(answer: bytes, check: Callable[..., Told]) -> None:
    with listen(answer) as port:
        told = check(make_url(port, "postgres", "postgres", SECRET))
    assert (told.code, told.out) == (2, "")
    assert "does not speak as Postgres does, or hung up" in told.err
    assert told.seconds < SOON


def test_nobody_answers(check: Callable[..., Told], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lab.database.CONNECT_TIMEOUT_SECONDS", 2)
    with listen(None) as port:
        told = check(make_url(port, "postgres", "postgres", SECRET))
    assert (told.code, told.out) == (2, "")
    assert "nobody answered in time" in told.err
    assert 1.5 < told.seconds < SOON


@pytest.mark.parametrize(
    ("host", "said", "seconds"),
    [
        # An address of RFC 5737's, which leads nowhere; some networks say so at once, some answer in its place.
        ("192.0.2.1", "", CONNECT_TIMEOUT_SECONDS + 2),
        ("127.0.0.1:1", "nothing listens there", SOON),
        ("no-such-host.invalid", "the host name is not known", SOON),
    ],
)
def test_nobody_is_there(host: str, said: str, seconds: float, check: Callable[..., Told]) -> None:
    told = check(f"postgresql://postgres:{quote(SECRET, safe='')}@{host}/postgres")
    assert (told.code, told.out) == (2, "")
    assert said in told.err
    assert told.seconds < seconds <= 12


# Through a pooler -------------------------------------------------------------------------------------------


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
OWN = [*make_scope(), "lab.relations", "lab.functions", "lab.recent", "probe.plan", "probe.outcomes",
       "probe.identities", "request.jwt.claims", "request.method"]  # fmt: skip


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


ALL = ("--probe", "--data", "--operations")


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
        assert told.keys - {"server_pooler:connection"} == direct.keys == set()
        assert told.report["server_version"] == direct.report["server_version"]
        assert_nothing_left(url, before)
    assert told.code == (1 if options else 0)  # nobody can see whether there are backups


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


def test_two_at_once_share_one_connection(
    run: Run, server: EmbeddedPostgres, database: Databases, pooled: Callable[..., str]
) -> None:
    place = database(server, "bare")
    url = pooled(place)
    before = look_behind(url)
    from lab.migrate import apply_migrations

    with ThreadPoolExecutor() as pool:
        applied = list(pool.map(lambda _: apply_migrations(url), range(2)))
        assert sum(map(len, applied)) == len(read_migrations())
        question = Question(url=url, target="x", also=("probes", "data", "operations"))
        reports = list(pool.map(lambda _: inspect_target(question), range(2)))
    for report in reports:
        assert {f.key for f in report.findings} == {"server_durability:server", "server_pooler:connection"}
        assert [entry.what for entry in report.unknown] == ["Whether there are backups."]
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
    monkeypatch.setattr("lab.database.CONNECT_TIMEOUT_SECONDS", 0.5)
    url = pooled(shared_database(server))
    with psycopg.connect(url, prepare_threshold=None) as holder:
        holder.execute("select 1")
        for command in COMMANDS:
            started = time.perf_counter()
            code, out, err = run(*command, "--database-url", url)
            assert code == 2, command
            assert "no answer came: a pooler has no connection free, or the network is gone" in out + err
            assert "Traceback" not in err
            assert 0.5 < time.perf_counter() - started < SOON
    assert run("check", "--database-url", url)[0] == 0


def test_a_network_that_is_gone_is_not_waited_for(
    server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session is there, then its process says nothing more: a signal stops it."""
    monkeypatch.setattr("lab.database.GRACE_SECONDS", 0.5)
    with connect(shared_database(server).url, read_only=True, statement_timeout_seconds=0.5) as connection:
        pid = connection.execute("select pg_backend_pid()").fetchone()
        assert pid
        os.kill(pid[0], signal.SIGSTOP)
        try:
            started = time.perf_counter()
            with pytest.raises(NoAnswer):
                connection.execute("select 1")
            assert 0.9 < time.perf_counter() - started < SOON
            assert connection.closed
        finally:
            os.kill(pid[0], signal.SIGCONT)


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
    assert "a pooler has no connection free" in told.err
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
    settings: dict[str, str],
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


# On a standby -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def standby(server: EmbeddedPostgres, shared_database: Databases) -> Iterator[network.Server]:
    """A hot standby that follows the test server."""
    for template in ("migrated", "bare"):
        shared_database(server, template)
    folder = network.copy_server(server, f"standby-{uuid.uuid4().hex[:8]}", follow=True)
    with network.serve_folder(folder) as served:
        with psycopg.connect(served.url(user="supabase_admin")) as connection:
            assert connection.execute("select pg_is_in_recovery()").fetchone() == (True,)
        yield served


def test_a_standby_is_checked_like_its_primary(
    standby: network.Server,
    run: Run,
    server: EmbeddedPostgres,
    shared_database: Databases,
    check: Callable[..., Told],
) -> None:
    url = standby.url(shared_database(server).name)
    told = check(url, "--data")
    assert (told.code, told.keys, told.unknown) == (0, set(), {})
    assert "This is a standby: run repairs on its primary." in told.out
    operations = check(url, "--family", "operations")
    assert (operations.keys, list(operations.unknown)) == (set(), ["Whether there are backups."])
    assert "broken" not in run("chapters", "--database-url", url)[1]
    assert run("migrate", "--database-url", url)[0] == 0


def test_a_standby_behind_a_pooler_is_still_one(
    standby: network.Server, server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    try:
        with network.pool(standby.sockets, standby.port) as port:
            told = check(make_url(port, shared_database(server).name))
    except Missing as reason:
        pytest.skip(str(reason))
    assert told.code == 0
    assert "This is a standby" in told.out


def test_a_standby_is_not_probed(
    standby: network.Server, server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    url = standby.url(shared_database(server).name)
    told = check(url, "--family", "probes")
    assert (told.code, told.out.count("This is a standby, where no row can be made. Probe its primary.")) == (2, 1)
    assert check(url, "--probe").code == 1


@pytest.mark.parametrize("template", ["migrated", "bare"])
def test_a_standby_is_not_migrated(
    template: str, standby: network.Server, run: Run, server: EmbeddedPostgres, shared_database: Databases
) -> None:
    url = standby.url(shared_database(server, template).name)
    code, out, err = run("migrate", "--database-url", url, "--apply")
    assert (code, out) == (2, "")
    assert "nothing can be written here: it is a standby, or read-only. Apply the migrations to its primary." in err


# With few rights --------------------------------------------------------------------------------------------


@pytest.fixture
def outsider(server: EmbeddedPostgres) -> Iterator[str]:
    """The name of a role that may log in, and nothing else."""
    name = f"outsider_{uuid.uuid4().hex[:8]}"
    as_superuser(server.admin_url(), f"create role {name} login")
    yield name
    as_superuser(server.admin_url(), f"drop role {name}")


def test_a_role_with_no_right_at_all_sees_the_wall(
    outsider: str, run: Run, server: EmbeddedPostgres, shared_database: Databases, check: Callable[..., Told]
) -> None:
    url = server.url(shared_database(server).name, outsider)
    told = check(url)
    assert (told.code, told.keys, told.unknown) == (0, set(), {})
    rows = check(url, "--family", "data")
    assert (rows.code, rows.keys) == (2, set())
    assert all("This role may not see all of it" in why for why in rows.unknown.values())
    tried = check(url, "--family", "probes")
    assert tried.keys == set()
    assert "may not be acted as" in tried.unknown["what Anonymous visitor reaches"]
    code, out, err = run("migrate", "--database-url", url)
    assert (code, out, "permission denied" in err) == (2, "", True)
    assert run("migrate", "--database-url", url, "--apply")[0] == 2


# What is taken from PUBLIC -> what cannot be told any more, and the exit code.
REVOKED = {
    "select on pg_catalog.pg_policy": ({"the catalogue's policies"}, 1),
    "select on pg_catalog.pg_auth_members": ({"the catalogue's roles"}, 1),
    "select on pg_catalog.pg_roles": ({"the catalogue's roles", "the catalogue's strangers"}, 1),
    "execute on function pg_catalog.pg_get_triggerdef(oid)": ({"the catalogue's triggers"}, 1),
    "select on pg_catalog.pg_proc": ({"the catalogue"}, 2),
    "select on pg_catalog.pg_class": ({"the catalogue"}, 2),
    "execute on function pg_catalog.set_config(text, text, boolean)": ({"the catalogue"}, 2),
}


@pytest.mark.parametrize("right", REVOKED)
def test_what_may_not_be_read_is_unknown(
    right: str, outsider: str, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place, (unknown, code) = database(server), REVOKED[right]
    as_superuser(place.admin_url, f"revoke {right} from public")
    told = check(server.url(place.name, outsider))
    assert (told.code, told.keys, set(told.unknown)) == (code, set(), unknown)
    assert all("permission denied for" in why for why in told.unknown.values())
    asked = check(server.url(place.name, outsider), "--data", "--operations")
    assert asked.keys == set()
    assert asked.seconds < SOON


# Another product --------------------------------------------------------------------------------------------

OTHERS = """
create table public.purchases (a int, status int);
create table public.consents (subject_id text);
create table public.delivery_jobs (id int primary key, status text);
create view public.oracle_scrolls as select 1 as x;
create table public.share_cards ();
"""


def test_another_product_s_tables_are_not_taken_for_ours(
    run: Run, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place = database(server, "bare")
    as_superuser(place.admin_url, *filter(str.strip, OTHERS.split(";")))
    told = check(place.url, *ALL)
    assert told.code == 1
    assert "of the wall's 22 tables are here, by their names. Is this the right database" in told.out
    assert told.seconds < SOON
    assert run("chapters", "--database-url", place.url)[0] == 1
    code, _, err = run("migrate", "--database-url", place.url, "--apply")
    assert (code, "Traceback" in err) == (2, False)
    assert "the database refused" in err


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_an_empty_database_in_another_encoding(
    encoding: str, run: Run, server: EmbeddedPostgres, check: Callable[..., Told]
) -> None:
    name = f"other_{uuid.uuid4().hex[:8]}"
    as_superuser(
        server.admin_url(), f"create database {name} template template0 encoding '{encoding}' locale 'C' owner postgres"
    )
    try:
        told = check(server.url(name), *ALL)
        assert (told.code, "None of the wall's tables is here" in told.out) == (1, True)
        assert run("chapters", "--database-url", server.url(name))[0] == 1
        assert run("migrate", "--database-url", server.url(name))[0] == 1
    finally:
        as_superuser(server.admin_url(), f"drop database {name} with (force)")


def test_an_old_server(run: Run, check: Callable[..., Told]) -> None:
    try:
        folder = network.make_server(14, f"old-{uuid.uuid4().hex[:8]}")
    except NoServer as reason:
        pytest.skip(str(reason))
    with network.serve_folder(folder, major=14) as old:
        told = check(old.url())
        assert (told.code, told.out) == (2, "")
        assert "its Postgres is 14, and views can't respect row-level security before 15" in told.err
        assert "Upgrade it to Postgres 15 or newer" in told.err
        operations = check(old.url(), "--family", "operations")
        assert (operations.code, "server_version:server" in operations.keys) == (1, True)
        for command in (("chapters",), ("migrate",), ("migrate", "--apply")):
            code, _, err = run(*command, "--database-url", old.url())
            assert (code in (1, 2), "Traceback" in err) == (True, False), command


# Somebody in the way ----------------------------------------------------------------------------------------


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
        assert "Somebody holds a lock on purchases for more than 3 s" in told.unknown["the catalogue"]
        assert told.seconds < SOON
        rows = check(place.url, "--family", "data")
        assert rows.code == 1  # what needs no purchase was asked
        assert 3 <= len(rows.unknown) < 12
        assert all("Somebody holds a lock" in why for why in rows.unknown.values())
        assert rows.seconds < SOON
        tried = check(place.url, "--family", "probes")
        assert (tried.code, "holds a lock on one" in tried.unknown["the probes"]) == (2, True)
        assert check(place.url, "--family", "operations").unknown.keys() == {"Whether there are backups."}
        started = time.perf_counter()
        code, out, _ = run("chapters", "--database-url", place.url)
        assert (code, "Somebody holds a lock" in out, "broken" in out) == (1, True, False)
        assert time.perf_counter() - started < SOON
    assert check(place.url, "--data").code == 0


def test_a_locked_catalogue_is_named_and_not_waited_for(
    run: Run, server: EmbeddedPostgres, database: Databases, check: Callable[..., Told]
) -> None:
    place = database(server)
    with locked(place, "pg_catalog.pg_policy"):
        told = check(place.url)
        assert (told.code, told.seconds < SOON) == (2, True)
        assert "Somebody holds a lock on pg_policy" in told.unknown["the catalogue"]
        rows = check(place.url, "--family", "data")
        assert (rows.code, rows.seconds < SOON) == (2, True)
        assert run("chapters", "--database-url", place.url)[0] == 2
    with locked(place, "supabase_migrations.schema_migrations"):
        told = check(place.url, "--family", "operations")
        assert "a migration may be running" in told.unknown["Which migrations are applied."]
        assert "Whether there are backups." in told.unknown
        code, _, err = run("migrate", "--database-url", place.url)
        assert (code, "somebody holds a lock on something that it needs" in err) == (2, True)


def test_a_catalogue_that_every_login_needs(
    server: EmbeddedPostgres, database: Databases, check: Callable[..., Told], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lab.database.CONNECT_TIMEOUT_SECONDS", 2)
    place = database(server)
    with locked(place, "pg_catalog.pg_attribute"):
        told = check(place.url)
    assert (told.code, told.out) == (2, "")
    assert "nobody answered in time" in told.err
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
    assert "the server ended the connection: it stops, or somebody ended the session" in told.out + told.err
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
    assert any("the server ended the connection" in why for why in told.unknown.values())


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
    assert "the server ended the connection" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("family", "limit"),
    [("schema", "lab.check.STATEMENT_SECONDS"), ("probes", "lab.probes.session.STATEMENT_SECONDS")],
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
