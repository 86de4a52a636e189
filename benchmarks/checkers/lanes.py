"""Sound servers, on which changes are committed in one database after the other, without effect on the next one."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import psycopg

from fixtures import servers
from fixtures.port import forward
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres, start_embedded

MAJOR = 18


@dataclass(frozen=True)
class Target:
    """A database to check, and the TCP port of its server."""

    database: Database
    port: int

    @property
    def tcp_url(self) -> str:
        """Return a URL as `postgres`, for a program that only uses TCP; the server needs no password."""
        return f"postgresql://postgres:any@127.0.0.1:{self.port}/{self.database.name}?sslmode=disable"


class Lane:
    """A server, which is replaced by a new one when a change outlives its database.

    Roles, memberships and their settings belong to the whole server, so that a change of them would affect every
    later database. They are read after each change, and a server that differs from a sound one is stopped.
    """

    def __init__(self, name: str) -> None:
        self._name, self._count = name, 0
        self._open()

    def _open(self) -> None:
        folder = servers.run_folder() / f"checkers-{os.getpid()}-{self._name}-{self._count}"
        self._count += 1
        self._server = start_embedded(folder, major=MAJOR, durable=False)
        self._ends = contextlib.ExitStack()
        self._ends.callback(self._server.stop)
        self._port = self._ends.enter_context(forward(self._server.socket_folder))
        with self.clone():
            self._roles = read_roles(self._server)

    def close(self) -> None:
        """Stop the server, and remove its data, which is often in memory."""
        self._ends.close()
        shutil.rmtree(self._server.folder, ignore_errors=True)

    @contextlib.contextmanager
    def clone(self) -> Iterator[Target]:
        """Yield a sound database until the block ends."""
        database = servers.clone_database(self._server, "migrated")
        try:
            yield Target(database, self._port)
        finally:
            servers.drop_database(database)

    @contextlib.contextmanager
    def change(self, sql: str) -> Iterator[Target]:
        """Yield a database in which a change was committed, until the block ends."""
        with self.clone() as target:
            commit(target.database, sql)
            yield target
        if read_roles(self._server) != self._roles:
            self.close()
            self._open()


def commit(database: Database, sql: str) -> None:
    """Change a database as its superuser, and reset the statistics on index use, which say nothing of the change."""
    with psycopg.connect(database.admin_url) as connection:
        for statement in (sql, "select pg_stat_force_next_flush()", "select pg_stat_reset()"):
            connection.execute(statement.encode())
            connection.commit()


def read_roles(server: EmbeddedPostgres) -> str:
    """Read the roles of the whole server, as SQL and without passwords. Read-only."""
    return dump(server, "pg_dumpall", "--roles-only", "--no-role-passwords", f"--dbname={server.admin_url()}")


def dump(server: EmbeddedPostgres, program: str, *arguments: str) -> str:
    """Run one of the server's own programs that write SQL; both sides get the same key against injected commands."""
    command = [str(server.cluster.programs / program), "--restrict-key=checkers", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
