"""Servers as they are met in the field: by TCP with a password and SSL, as a standby, behind a pooler, too old.

Each is a child of the test's process and ends with it, however that ends; see `serve`.
"""

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import psycopg

from fixtures.servers import find_programs, run_folder
from lab.database.embedded.account import Account, choose_account, let_pass, run_as
from lab.database.embedded.cluster import ENCRYPTION_REQUEST, SUPERUSER, THROW_AWAY
from lab.database.embedded.server import EmbeddedPostgres

HOST = "127.0.0.1"
PATIENCE_SECONDS = 30
# Whoever comes by TCP shows a password; the socket's folder lets nobody else in.
ACCESS = "local all all trust\nlocal replication all trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
POOL = """
[databases]
* = host={sockets} port={port}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own_port}
unix_socket_dir =
auth_type = trust
auth_file = {folder}/users.txt
logfile = {folder}/pgbouncer.log
pool_mode = transaction
default_pool_size = 1
"""
POOLED_USERS = ("postgres", "authenticator", SUPERUSER)

# Runs a program until its standard input ends, which it does with the test's process at the latest.
UNTIL_LEFT = 'signal=$1; shift; "$@" </dev/null & read -r _; kill -s "$signal" $!; wait $!'


class Missing(Exception):
    """A program is not on this machine, and how it gets there."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A running server: its socket's folder, which asks for no password, and its port on the loopback interface."""

    folder: Path
    sockets: Path
    port: int

    def url(self, database: str = "postgres", user: str = "postgres") -> str:
        """Make the URL that leads there by the socket."""
        return f"postgresql://{user}@/{database}?host={quote(str(self.sockets), safe='')}&port={self.port}"

    def tcp_url(self, database: str, user: str = "postgres", password: str = "", **options: str) -> str:
        """Make the URL that leads there by TCP."""
        return make_url(self.port, database, user, password, **options)


def make_url(port: int, database: str, user: str = "postgres", password: str = "", **options: str) -> str:
    """Make the URL of a database behind a port of the loopback interface."""
    shown = f"{user}:{quote(password, safe='')}" if password else user
    return f"postgresql://{shown}@{HOST}:{port}/{database}" + (f"?{urlencode(options)}" if options else "")


def find_program(name: str) -> str:
    """Find a program of the system's.

    Raises:
        Missing: It is not there.
    """
    found = shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin", "/sbin")))
    if not found:
        raise Missing(f"{name} is not on this machine: apt-get install {name}")
    return found


def copy_server(origin: EmbeddedPostgres | Server, name: str, *, follow: bool = False) -> Path:
    """Copy a running server's data, to be served by `serve_folder`; return the folder.

    Args:
        origin: What is copied, with all its databases.
        name: Names the folder.
        follow: Whether the copy follows the original, as its standby.
    """
    folder = run_folder() / name
    account = _make_folder(folder)
    backup = [str(find_programs(18) / "pg_basebackup"), "-D", str(folder), "-c", "fast", "-X", "stream", "--no-sync"]
    source, guard = origin.url(user=SUPERUSER), f"guard_{uuid.uuid4().hex}"
    with psycopg.connect(source, autocommit=True) as connection:
        # Others who make databases there make checkpoints as well; what the copy needs must outlive them.
        connection.execute("select pg_create_physical_replication_slot(%s, true)", [guard])
        try:
            _run(account, [*backup, "-d", source, *(["-R"] if follow else [])])
        finally:
            connection.execute("select pg_drop_replication_slot(%s)", [guard])
    return folder


def make_server(major: int, name: str) -> Path:
    """Make an empty server's data, to be served by `serve_folder`; return the folder.

    Raises:
        NoServer: There is none of this major for this machine.
    """
    programs, folder = find_programs(major), run_folder() / name
    account = _make_folder(folder)
    if account:
        let_pass(account, folder, programs, lambda sentence: None)
    _run(account, [str(programs / "initdb"), "-D", str(folder), "-U", "postgres", "--auth=trust", "--no-sync"])
    return folder


@contextlib.contextmanager
def serve_folder(folder: Path, *, major: int = 18, access: str = ACCESS, **settings: str) -> Iterator[Server]:
    """Serve a data folder by its own socket and by TCP, until the block ends.

    Args:
        folder: The data.
        major: Its Postgres major version.
        access: Who is let in how, as `pg_hba.conf` says it.
        settings: The server's own, besides or instead of those for throw-away data.
    """
    account, port = choose_account(folder), find_port()
    (folder / "pg_hba.conf").write_text(access)
    with _short_folder(account) as sockets:
        given = THROW_AWAY | {"shared_buffers": "32MB", "timezone": "UTC", "jit": "off"} | settings
        given |= {"listen_addresses": HOST, "port": str(port), "unix_socket_directories": str(sockets)}
        options = [part for key, value in given.items() for part in ("-c", f"{key}={value}")]
        program = [str(find_programs(major) / "postgres"), "-D", str(folder), *options]
        with serve(program, account, folder / "served.log", ending="INT"):
            served = Server(folder=folder, sockets=sockets, port=port)
            wait_for_port(port, folder / "served.log")
            wait_for_session(served)
            yield served


@contextlib.contextmanager
def pool(sockets: Path, own_port: int = 5432, **settings: str) -> Iterator[int]:
    """Put PgBouncer before a server, with one connection to each database for each user; give its port.

    A pool of one hands every transaction the same connection: what one leaves behind, the next one meets.

    Args:
        sockets: The folder of the server's socket.
        own_port: The server's port, which is part of the socket's name.
        settings: PgBouncer's own, besides or instead of those above.

    Raises:
        Missing: PgBouncer is not installed.
    """
    program, account, port = find_program("pgbouncer"), choose_account(sockets), find_port()
    with _short_folder(account) as folder:
        more = "".join(f"{name} = {value}\n" for name, value in settings.items())
        told = POOL.format(sockets=sockets, port=own_port, own_port=port, folder=folder)
        (folder / "pgbouncer.ini").write_text(told + more)
        (folder / "users.txt").write_text("".join(f'"{user}" ""\n' for user in POOLED_USERS))
        for file in folder.iterdir():
            file.chmod(0o644)
        with serve([program, "-q", str(folder / "pgbouncer.ini")], account, folder / "told.log", ending="TERM"):
            wait_for_port(port, folder / "told.log")
            yield port


def make_certificate(folder: Path) -> Path:
    """Make a certificate for `localhost` that nobody vouches for, as a server's data folder wants it; return its path.

    Raises:
        Missing: OpenSSL is not installed.
    """
    key, certificate = folder / "server.key", folder / "server.crt"
    who = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", str(key), "-out"]
    _run(None, [find_program("openssl"), *made, str(certificate), *who])
    if account := choose_account(folder):
        os.chown(key, *account)
    key.chmod(0o600)
    certificate.chmod(0o644)
    return certificate


@contextlib.contextmanager
def serve(program: Sequence[str], account: Account | None, log: Path, *, ending: str) -> Iterator[None]:
    """Run a program until the block ends, or until this process does: a shell waits for that, and ends it.

    Args:
        program: Its path and arguments; it stays in the foreground.
        account: Who runs it; None is this process's own account.
        log: Where its words go.
        ending: The signal that ends it.
    """
    uid, gid = account or (None, None)
    with log.open("w") as words:
        process = subprocess.Popen(
            ["/bin/sh", "-c", UNTIL_LEFT, "sh", ending, *program],
            stdin=subprocess.PIPE,
            stdout=words,
            stderr=subprocess.STDOUT,
            cwd="/",
            user=uid,
            group=gid,
            extra_groups=[] if account else None,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
        )
    try:
        yield
    finally:
        process.communicate(timeout=PATIENCE_SECONDS)


def find_port() -> int:
    """Find a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for_port(port: int, log: Path) -> None:
    """Wait until a server answers there: to be connected is not enough."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection((HOST, port), timeout=5) as line:
            line.sendall(ENCRYPTION_REQUEST)
            if line.recv(1) in (b"S", b"N"):
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody answers on port {port}: {log.read_text()[-2000:]}")


def wait_for_session(server: Server) -> None:
    """Wait until a server lets sessions in: a copy first has to catch up with itself."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            psycopg.connect(server.url()).close()
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


def _make_folder(folder: Path) -> Account | None:
    folder.mkdir(mode=0o700)
    account = choose_account(folder)
    if account:
        os.chown(folder, *account)
    return account


@contextlib.contextmanager
def _short_folder(account: Account | None) -> Iterator[Path]:
    """Give a private folder with a short name: a socket's path is limited."""
    with tempfile.TemporaryDirectory(prefix="lab-") as made:
        if account:
            os.chown(made, *account)
        yield Path(made)


def _run(account: Account | None, command: Sequence[str]) -> None:
    done = run_as(account, command)
    assert done.returncode == 0, done.stderr
