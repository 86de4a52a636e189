"""Real Postgres servers for tests and benchmarks, one for each major, and databases cloned from templates on them.

All workers of a run share the servers: each joins what the first one started (see `lab/database/embedded/`). They
are stopped when the last worker has gone, however it went; their folders are removed at the run's end or,
after a killed run, at the next run's start. Nothing survives a run but the downloaded servers.
"""

import contextlib
import fcntl
import functools
import os
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from lab.database.connect import connect
from lab.database.embedded import programs
from lab.database.embedded.server import BOOTSTRAP, EmbeddedPostgres, EmbeddedUnavailable, start_embedded
from lab.database.libpq import drop_environment
from lab.text.product_files import PROJECT

CACHE = PROJECT / ".lab" / "servers"
MEMORY = Path("/dev/shm")  # making a database is ten times faster here than on a disk
MEMORY_NEEDED = 2 << 30  # bytes; containers often have 64 MB
RUN_NAME = "LAB_TEST_RUN"  # environment variable: the workers' way to the run they belong to
LEGACY_GRANTS = BOOTSTRAP.with_name("bootstrap_legacy_grants.sql")
drop_environment()  # or else a variable of whoever runs the tests would lead them to another server
TEMPLATES = ("bare", "bare_legacy", "migrated", "migrated_legacy")


class NoServer(Exception):
    """This machine has no server of that major, and why."""


@dataclass(frozen=True)
class Database:
    """A database of its own for one test."""

    server: EmbeddedPostgres
    name: str

    @property
    def url(self) -> str:
        """As `postgres`: no superuser, but outside row-level security; the owner of what is migrated."""
        return self.server.url(self.name)

    @property
    def admin_url(self) -> str:
        """As `supabase_admin`, the superuser."""
        return self.server.admin_url(self.name)

    @property
    def api_url(self) -> str:
        """As `authenticator`: for `as_data_api`."""
        return self.server.url(self.name, "authenticator")


@dataclass(frozen=True)
class People:
    """Ids in auth.users. The anonymous one is signed in anonymously, which is not the role `anon`."""

    owner: uuid.UUID
    stranger: uuid.UUID
    anonymous: uuid.UUID


def start_server(major: int) -> EmbeddedPostgres:
    """Start, or join, this run's server of a major.

    Raises:
        NoServer: There is none for this machine.
    """
    folder = run_folder() / f"postgres-{major}"
    return start_embedded(folder, major=major, durable=False, programs=find_programs(major))


@functools.cache
def find_programs(major: int) -> Path:
    """Find a server's `bin` folder: packaged, fetched before, fetched now, or the system's.

    Raises:
        NoServer: There is none for this machine; no other worker of the run tries again.
    """
    failed = run_folder() / f"fetch-{major}.failed"
    with locked(CACHE / f"{major}.lock"):
        try:
            if failed.exists():
                raise NoServer(failed.read_text())
            return programs.find_programs(major, CACHE)
        except EmbeddedUnavailable as reason:
            failed.write_text(f"Postgres {major} is not tested here: {reason}")
            raise NoServer(failed.read_text()) from None


def clone_database(server: EmbeddedPostgres, template: str) -> Database:
    """Make a database from a template, which is made first when this is its first use."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    admin = _admin(server)
    with locked(run_folder() / f"templates-{server.major}.lock"):
        if not admin.execute("select 1 from pg_database where datname = %s", [template]).fetchone():
            _make_template(server, admin, template)
    _copy(admin, template, name)
    return Database(server, name)


@contextlib.contextmanager
def keep_clones() -> Iterator[Callable[..., Database]]:
    """Give databases by server and template, one for each, which stay until the end."""
    made: dict[tuple[int, str], Database] = {}

    def give(server: EmbeddedPostgres, template: str = "migrated") -> Database:
        key = (server.major, template)
        if key not in made:
            made[key] = clone_database(server, template)
        return made[key]

    yield give
    for one in made.values():
        drop_database(one)


def drop_database(database: Database) -> None:
    """Drop it, whoever is still connected."""
    drop = sql.SQL("drop database if exists {} with (force)")
    _admin(database.server).execute(drop.format(sql.Identifier(database.name)))


def make_people(url: str) -> People:
    """Add an owner, a stranger and an anonymous sign-in to auth.users."""
    people = People(*(uuid.uuid4() for _ in range(3)))
    rows = [
        (people.owner, "owner@example.test", False),
        (people.stranger, "stranger@example.test", False),
        (people.anonymous, None, True),
    ]
    with connect(url) as connection, connection.cursor() as cursor:
        statement = "insert into auth.users (id, email, is_anonymous, aud, role) values (%s, %s, %s, %s, %s)"
        cursor.executemany(statement, [(*row, "authenticated", "authenticated") for row in rows])
    return people


def _make_template(server: EmbeddedPostgres, admin: psycopg.Connection, name: str) -> None:
    """Make a template under another name first, so that one broken off half-way is not taken for it."""
    part, named = sql.Identifier(f"{name}_part"), sql.Identifier(name)
    admin.execute(sql.SQL("drop database if exists {} with (force)").format(part))
    admin.execute(sql.SQL("create database {} owner postgres").format(part))
    scripts = [BOOTSTRAP, *([LEGACY_GRANTS] if name.endswith("_legacy") else [])]
    with psycopg.connect(server.admin_url(f"{name}_part")) as connection:
        for script in scripts:
            connection.execute(script.read_text())
    if name.startswith("migrated"):
        from lab.migrations.apply import apply_migrations

        apply_migrations(server.url(f"{name}_part"))
    # With nobody connected, and nobody able to, it can be copied at any time and by several at once.
    admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [f"{name}_part"])
    admin.execute(sql.SQL("alter database {} with allow_connections false").format(part))
    admin.execute(sql.SQL("alter database {} rename to {}").format(part, named))


def _copy(admin: psycopg.Connection, template: str, name: str) -> None:
    """Copy a database with its settings and privileges, which CREATE DATABASE leaves behind."""
    create = sql.SQL("create database {} template {} owner postgres strategy file_copy")
    admin.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
    admin.execute(
        """
        insert into pg_catalog.pg_db_role_setting
        select n.oid, s.setrole, s.setconfig from pg_catalog.pg_db_role_setting s
        join pg_catalog.pg_database t on t.oid = s.setdatabase and t.datname = %s
        join pg_catalog.pg_database n on n.datname = %s
        """,
        [template, name],
    )
    admin.execute(
        """
        update pg_catalog.pg_database n set datacl = t.datacl from pg_catalog.pg_database t
        where t.datname = %s and n.datname = %s
        """,
        [template, name],
    )


_ADMINS: dict[Path, psycopg.Connection] = {}  # socket's folder -> a standing connection


def _admin(server: EmbeddedPostgres) -> psycopg.Connection:
    """Connect as superuser to the server's own database, once in each worker."""
    known = _ADMINS.get(server.socket_folder)
    if known is None or known.closed:
        known = _ADMINS[server.socket_folder] = psycopg.connect(server.admin_url(), autocommit=True)
    return known


# The run and its folder ------------------------------------------------------------------------------


@functools.cache
def runs_folder() -> Path:
    """Choose where the runs' folders lie: in memory if there is enough, else inside the project."""
    if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
        return MEMORY / f"persistence-lab-tests-{os.getuid()}"
    return PROJECT / ".lab" / "tests"


def run_folder() -> Path:
    """Return this run's folder."""
    folder = runs_folder() / os.environ.setdefault(RUN_NAME, f"{os.getpid()}-{time.time_ns()}")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def open_run() -> int:
    """Open a run: remove what killed runs left and mark this one as alive, by the lock returned."""
    sweep(patience_seconds=0)
    os.environ.pop(RUN_NAME, None)
    handle = os.open(run_folder() / "alive", os.O_RDONLY | os.O_CREAT)
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


def close_run(handle: int) -> None:
    """Close the run: wait until the keepers have stopped its servers, then remove its folder."""
    while _ADMINS:
        _ADMINS.popitem()[1].close()
    os.close(handle)
    sweep(patience_seconds=10)


def sweep(patience_seconds: float) -> None:
    """Remove the folders of runs that nobody is in any more."""
    for folder in runs_folder().glob("*"):
        locks = [folder / "alive", *folder.glob("*.users")]
        if all(_is_free(lock, patience_seconds) for lock in locks if lock.exists()):
            shutil.rmtree(folder, ignore_errors=True)


def _is_free(lock: Path, patience_seconds: float) -> bool:
    """Tell whether nobody holds a lock, waiting a while for a server that is being stopped."""
    deadline = time.monotonic() + patience_seconds
    with lock.open() as handle:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.05)
            else:
                return True


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock against the other workers."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
