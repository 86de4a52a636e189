"""The only module that opens database connections.

Everything here also works through a pooler in transaction mode: no prepared statement, no setting that
outlives its transaction. No password appears in an error, a name or a representation.
"""

import contextlib
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import psycopg
from psycopg import errors, generators
from psycopg.conninfo import conninfo_to_dict
from psycopg.pq import ExecStatus, TransactionStatus
from psycopg.waiting import Ready

from lab.database import libpq
from lab.database.cancel import hold_connection
from lab.database.dialects import read_dialect
from lab.database.embedded.server import (
    EmbeddedPostgres,
    EmbeddedUnavailable,
    default_folder,
    is_embedded,
    start_embedded,
)
from lab.database.failures import NoAnswer, explain_failure
from lab.text.errors import LabError

CONNECT_TIMEOUT_SECONDS = 5
GRACE_SECONDS = 5  # beyond a statement's own limit: a longer wait is not caused by the statement


_UNFILLED = re.compile(r"\[[A-Z _-]*PASSWORD\]|<[a-z _-]*password>|\{\{?[a-z_ ]*password\}?\}", re.IGNORECASE)


class DatabaseUnavailable(LabError):
    """The database can't be reached or used; says which, what was found and the next step."""


class LimitedConnection(psycopg.Connection[Any]):
    """A connection that sets time limits at the start of every transaction.

    They are set for the transaction, in one message with BEGIN: a setting of the session would reach the next
    client of a pooler, and start-up options are refused by some poolers.

    The server enforces those limits. A query that never reaches the server is limited on this side: BEGIN, which
    takes no time, may wait as long as connecting; any other answer may take `patience`.
    """

    limits = b""
    patience: float | None = None  # seconds

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Wait for an answer, as the driver does for every query, but for a limited time."""
        begins = not self.autocommit and self.pgconn.transaction_status == TransactionStatus.IDLE
        try:
            given = _expect_answer(gen, CONNECT_TIMEOUT_SECONDS) if begins and timeout is None else gen
            return super().wait(given, interval, self.patience if timeout is None else timeout)
        except errors._WaitTimeout:
            if timeout is not None:
                raise
        except NoAnswer:
            pass
        self.close()
        raise NoAnswer("no answer came in time")

    def _exec_command(self, command: Any, *arguments: Any, **options: Any) -> Any:  # what sends BEGIN, too
        if not (self.limits and isinstance(command, bytes) and command.startswith(b"BEGIN")):
            return (yield from super()._exec_command(command, *arguments, **options))
        if self.pgconn.pipeline_status:  # one statement a message, and no wait between them
            yield from super()._exec_command(command)
            return (yield from super()._exec_command(self.limits))
        self.pgconn.send_query(command + b"; " + self.limits)
        results = yield from generators.execute(self.pgconn)
        for result in results:
            if result.status == ExecStatus.FATAL_ERROR:
                raise errors.error_from_result(result)
        return results[-1]


def _expect_answer(exchange: Any, seconds: float) -> Any:
    """Pass an exchange with the server on, and break it off when no byte of an answer comes in time."""
    deadline, heard, ready = time.monotonic() + seconds, False, None
    try:
        while True:
            ready = yield exchange.send(ready)
            heard = heard or bool(ready & Ready.R)
            if not heard and time.monotonic() > deadline:
                raise NoAnswer
    except StopIteration as done:
        return done.value


@dataclass(frozen=True, kw_only=True)
class Target:
    """A database to work on.

    Args:
        name: Names it for people: `embedded`, or host, port and database; never a secret.
        url: Its URL, which may hold a password.
        embedded: The server behind it, when it is ours to stop.
    """

    name: str
    url: str = field(repr=False)
    embedded: EmbeddedPostgres | None = None


def connect(
    url: str,
    *,
    read_only: bool = False,
    statement_timeout_seconds: float = 30,
    lock_timeout_seconds: float = 5,
    patience_seconds: float | None = None,
    application_name: str = "persistence-lab",
) -> LimitedConnection:
    """Open a connection; a transaction begins with its first statement and ends with commit or rollback.

    Args:
        url: The database's URL.
        read_only: Every transaction is READ ONLY: Postgres refuses each write (25006).
        statement_timeout_seconds: How long one statement may take; 0 is no limit.
        lock_timeout_seconds: How long a statement may wait for a lock; 0 is no limit.
        patience_seconds: How long to wait for any answer, also to a query that never reaches the server; after
            that, `NoAnswer`. By default a read-only connection waits a little longer than the server would.
        application_name: How the connection is named in `pg_stat_activity`.

    Raises:
        DatabaseUnavailable: The URL is wrong, no server answers, or it refuses this user.
        Interrupted: The connections of this thread were cut meanwhile.
    """
    given, failed = _read_url(url), ""
    # In a database of no encoding the driver would give bytes for texts.
    named: dict[str, Any] = {"application_name": application_name, "client_encoding": "utf8"}
    try:
        connection = _open(given, named)
    except psycopg.Error as error:
        failed = str(error)
    if failed:  # raised out here, so that the driver's error, which may quote the URL, is not chained to it
        raise _explain(given, failed)
    hold_connection(connection)
    connection.read_only = read_only or None
    connection.limits = _write_limits(statement_timeout_seconds, lock_timeout_seconds)
    if patience_seconds is None and read_only and statement_timeout_seconds:
        patience_seconds = statement_timeout_seconds + GRACE_SECONDS
    connection.patience = patience_seconds
    return connection


def _open(parts: dict[str, Any], named: dict[str, Any]) -> LimitedConnection:
    """Open a connection; the environment does not affect one to an embedded server."""
    if is_embedded(str(parts.get("host", ""))):
        timed = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, **parts}
        with libpq.without_environment():
            return LimitedConnection.connect(**timed | named, prepare_threshold=None)
    timed = {"connect_timeout": CONNECT_TIMEOUT_SECONDS, **libpq.complete(parts)}
    return LimitedConnection.connect(**timed | named, prepare_threshold=None)


def resolve_url(explicit: str | None, environ: Mapping[str, str]) -> str | None:
    """Choose the database: `--database-url`, then `DATABASE_URL`; None means the embedded one.

    Raises:
        DatabaseUnavailable: One of them is set, but empty, such as a secret that CI lacks. The embedded database is
            not used in its place, because another one was meant.
    """
    for name, given in (("--database-url", explicit), ("DATABASE_URL", environ.get("DATABASE_URL"))):
        if given is not None and not given.strip():
            next_step = "Set the secret or variable that it is taken from, or leave it out for the embedded database"
            raise DatabaseUnavailable(name, "is set, but empty", next_step)
        if given is not None:
            return given.strip()
    return None


def name_database(url: str) -> str:
    """Name the database that a URL leads to, without user or password: `host:port/database`.

    Raises:
        DatabaseUnavailable: The URL is wrong.
    """
    return _name(_read_url(url))


def find_project(url: str) -> str | None:
    """Return the reference of the Supabase project that a URL leads to, None when the URL does not name one.

    Raises:
        DatabaseUnavailable: The URL is wrong.

    Source: Supabase guide on connecting to Postgres: db.PROJECT.supabase.co, and postgres.PROJECT at the pooler.
    """
    parts = _read_url(url)
    host, user = str(parts.get("host", "")).lower(), str(parts.get("user", ""))
    if direct := re.fullmatch(r"db\.([a-z0-9]+)\.supabase\.co", host):
        return direct[1]
    return user.rpartition(".")[2] if host.endswith(".pooler.supabase.com") and "." in user else None


def open_target(url: str | None, progress: Callable[[str], None] | None = None) -> Target:
    """Prepare the database to work on: the one at the URL, or the embedded one, started if need be.

    Raises:
        DatabaseUnavailable: The URL is wrong, or the embedded server can't be used.
    """
    if url is not None:
        return Target(name=name_database(url), url=url)
    try:
        server = start_embedded(default_folder(), progress=progress)
    except EmbeddedUnavailable as error:
        raise DatabaseUnavailable(error.subject, error.found, error.next_step) from error
    return Target(name="embedded", url=server.url(), embedded=server)


@contextlib.contextmanager
def as_data_api(
    connection: psycopg.Connection[Any],
    *,
    role: str,
    claims: Mapping[str, Any] | None = None,
    read_only: bool = False,
    commit: bool = False,
    method: str = "",
    path: str = "/",
) -> Iterator[psycopg.Connection[Any]]:
    """Act as Supabase's Data API would act for one request: one transaction, as the role of the token.

    Args:
        connection: A connection as `authenticator`, with no transaction open.
        role: The token's role: `anon`, `authenticated` or `service_role`; others are denied by Postgres.
        claims: The token's other claims, such as `sub` and `is_anonymous`.
        read_only: As for GET and HEAD; a write is refused (25006).
        commit: Keep what was done; otherwise it is rolled back, also when nothing failed.
        method: The request's method; by default GET when `read_only`, else POST.
        path: The request's path.

    Source: PostgREST 16.1, src/library/PostgREST/Query/PreQuery.hs.
    """
    if connection.info.transaction_status != TransactionStatus.IDLE:
        raise ValueError("a request needs a transaction of its own: commit or roll back the open one first")
    request = {"method": method or ("GET" if read_only else "POST"), "path": path}
    with connection.transaction(force_rollback=not commit):
        if read_only:
            connection.execute("set transaction read only")
        settings = request_settings(connection, role=role, claims=claims, **request)
        calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
        connection.execute(f"select {calls}", [part for pair in settings.items() for part in pair])
        yield connection


def request_settings(
    connection: psycopg.Connection[Any],
    *,
    role: str,
    claims: Mapping[str, Any] | None = None,
    method: str = "POST",
    path: str = "/",
) -> dict[str, str]:
    """Return what the Data API sets in a request's transaction, the role among it.

    Source: PostgREST 16.1, src/library/PostgREST/Query/PreQuery.hs.
    """
    request = {"method": method, "path": path, "headers": "{}"}
    return {
        "search_path": '"public", "extensions"',
        **_read_role_settings(connection, role),
        "role": role,
        "request.jwt.claims": json.dumps({**(claims or {}), "role": role}),
        **{f"request.{name}": value for name, value in request.items()},
    }


def _read_role_settings(connection: psycopg.Connection[Any], role: str) -> dict[str, str]:
    """Read the settings of ALTER ROLE ... SET: SET ROLE does not apply them, so the Data API does.

    Only settings that any user may set; the others would be refused.
    """
    rows = connection.execute(
        """
        select s.name, split_part(c.line, '=', 2)
        from pg_catalog.pg_db_role_setting d
        join pg_catalog.pg_roles r on r.oid = d.setrole and d.setdatabase = 0
        cross join lateral unnest(d.setconfig) as c (line)
        join pg_catalog.pg_settings s on s.name = split_part(c.line, '=', 1) and s.context = 'user'
        where r.rolname = %s and s.name <> 'search_path'
        """,
        [role],
    )
    return dict(rows.fetchall())


def _write_limits(statement_seconds: float, lock_seconds: float) -> bytes:
    """Write the query that sets the limits, in milliseconds, until the transaction's end."""
    limits = {"statement_timeout": statement_seconds, "lock_timeout": lock_seconds}
    calls = [f"set_config('{name}', '{round(seconds * 1000)}', true)" for name, seconds in limits.items()]
    return f"select {', '.join(calls)}".encode()


def _read_url(url: str) -> dict[str, Any]:
    """Parse a URL; the parts that are shown later are checked for pieces of a password."""
    parts: dict[str, Any] = {}
    given, unknown = read_dialect(url.strip())
    if unknown:
        raise DatabaseUnavailable(
            "the database URL",
            f"is not a URL that Postgres understands: {unknown} is not known",
            "Remove it if only another program needs it, or correct its name",
        )
    with contextlib.suppress(psycopg.Error):  # its message quotes the URL
        parts = dict(conninfo_to_dict(given))
    if _UNFILLED.fullmatch(str(parts.get("password", ""))):
        raise DatabaseUnavailable(
            "the database URL", "still has a placeholder for the password", "Put the database's password in its place"
        )
    ports = [port for port in str(parts.get("port", "")).split(",") if port]
    slipped = "@" in f"{parts.get('host', '')}{parts.get('dbname', '')}" or not all(map(str.isdecimal, ports))
    if not parts or slipped:
        found = "is not a URL that Postgres understands"
        if url.strip().startswith(("http://", "https://")):
            found = "is a web address, not a Postgres URL"
        raise DatabaseUnavailable(
            "the database URL",
            found,
            "Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE, with @ : / # ? % in the password"
            " percent-encoded (@ is %40)",
        )
    if not all(
        len(port) <= 5 and 1 <= int(port) <= 65535 for port in ports
    ):  # it is not shown: it may be a password in its place
        raise DatabaseUnavailable(
            "the database URL",
            "has a port that is not a number from 1 to 65535",
            "Write postgresql://USER:PASSWORD@HOST:PORT/DATABASE; Postgres has 5432 by default, Supabase's pooler in"
            " transaction mode 6543",
        )
    return parts


def _name(parts: Mapping[str, Any]) -> str:
    host = str(parts.get("host") or parts.get("hostaddr") or "localhost")
    place = "socket" if host.startswith("/") else f"{host}:{parts.get('port') or 5432}"
    return f"{place}/{parts.get('dbname') or parts.get('user') or 'postgres'}"


def _explain(parts: Mapping[str, Any], failed: str) -> DatabaseUnavailable:
    """Say in our words why a connection failed; the driver's words are not passed on."""
    user, dbname = parts.get("user", "this user"), parts.get("dbname", "of this name")
    return DatabaseUnavailable(_name(parts), *explain_failure(failed, user=user, dbname=dbname))
