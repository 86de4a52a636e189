"""Checks how a database server is operated, as far as SQL shows it; the rest is unknown, with the reason."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import errors

from lab.checks.criterion import Outcome, gather, make_finding
from lab.checks.finding import Finding, Unknown
from lab.checks.settings import Harm, find_effect, is_off
from lab.database.read_only import QueryFailed, read_only_transaction, run_query
from lab.migrations.apply import State, read_states_of
from lab.migrations.files import EditedMigration
from lab.rules.criteria.operations import (
    CRITERIA,
    archive_failing,
    clock_skewed,
    connections_short,
    library_loaded,
    migration_edited,
    migration_locked,
    migration_missing,
    migration_strange,
    not_durable,
    not_encrypted,
    numbers_short,
    pooled,
    queue_bloated,
    queue_late,
    slot_holding,
    time_short,
    transaction_long,
    unlimited,
    version_old,
    words_logged,
    worker_silent,
    writes_lost,
)
from lab.rules.model import Criterion
from lab.text.product_files import SQL

__all__ = ["CRITERIA", "INSPECTIONS", "Inspection", "Session", "check_operations"]

QUERY_FOLDER = SQL / "operations"
OLDEST, NEWEST = 15, 18
SKEW_SECONDS, LAG_SECONDS, LONG_SECONDS, STUCK_SECONDS = 5, 300, 300, 900
KEPT_BYTES = 1 << 30
DEAD_ROWS, NUMBERS = 10_000, 1_000_000_000  # of about 2 billion transaction numbers
LOST = ("unreserved", "lost")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_SETTING = re.compile(rf"\s*(?P<number>\d+(\.\d*)?|\.\d+)\s*(?P<unit>{'|'.join(_UNITS)})?\s*")

Row = dict[str, Any]
Part = Finding | Unknown


@dataclass(frozen=True, kw_only=True)
class Session:
    """Facts about our own connection that need no query.

    Args:
        remote: Whether the server is on another machine.
        encrypted: Whether it is encrypted on our side.
        backend: The process id that the server reported at the connection's start.
        asked_at: Seconds since 1970, half-way between query and answer.
        doubt: Half of the time that the answer took, in seconds; the error of `asked_at`.
    """

    remote: bool
    encrypted: bool
    backend: int
    asked_at: float = 0
    doubt: float = 0


@dataclass(frozen=True)
class Inspection:
    """One part of the check: the query of that name, and the function that judges its rows."""

    query: str
    what: str
    judge: Callable[[list[Row], Session], Iterator[Part]]


def check_operations(connection: psycopg.Connection[Any], *, remote: bool | None = None, seconds: float = 5) -> Outcome:
    """Check how a database server is operated. Read-only.

    Args:
        connection: An open connection; with the rights of `pg_monitor` it shows more.
        remote: Whether the server is on another machine; by default read from the connection.
        seconds: How long each query may take.
    """
    parts: list[Part] = []
    with read_only_transaction(connection, {}, seconds):
        for inspection in INSPECTIONS:
            parts += _inspect(connection, inspection, remote)
        parts += _inspect_migrations(connection)
    return gather(parts)


def _inspect(connection: psycopg.Connection[Any], inspection: Inspection, remote: bool | None) -> Iterator[Part]:
    asked = time.time()
    try:
        rows = run_query(connection, (QUERY_FOLDER / f"{inspection.query}.sql").read_text())
    except QueryFailed as reason:
        yield Unknown(what=inspection.what, why=str(reason))
        return
    yield from inspection.judge(rows, _session(connection, remote, asked, time.time()))


def _session(connection: psycopg.Connection[Any], remote: bool | None, asked: float, answered: float) -> Session:
    host = connection.info.host
    return Session(
        remote=not (host.startswith("/") or host in ("", "localhost", "127.0.0.1", "::1"))
        if remote is None
        else remote,
        encrypted=bool(connection.pgconn.ssl_in_use),
        backend=connection.info.backend_pid,
        asked_at=(asked + answered) / 2,
        doubt=(answered - asked) / 2,
    )


def _judge_server(rows: list[Row], session: Session) -> Iterator[Part]:
    (row,) = rows
    if row["major"] < OLDEST:
        yield make_finding(version_old, "server", f"Postgres {row['major']}")
    elif row["major"] > NEWEST:
        why = f"This project has been tried with Postgres {OLDEST} to {NEWEST}."
        yield Unknown(what=f"Whether all of it works with Postgres {row['major']}.", why=why)
    if not row["durable"]:
        yield make_finding(not_durable, "server", "fsync or full_page_writes is off")
    skew = abs(row["clock"] - session.asked_at) - session.doubt
    if skew > SKEW_SECONDS:
        yield make_finding(clock_skewed, "server", f"about {skew:,.0f} seconds apart")
    if row["backend"] != session.backend:
        yield make_finding(pooled, "connection", "a pooler stands between this machine and the server")


_HARMS: dict[Harm, Criterion] = {
    "loses": writes_lost,
    "tells": words_logged,
    "loads": library_loaded,
    "breaks": time_short,
}


def _judge_settings(rows: list[Row], session: Session) -> Iterator[Part]:
    if not rows[0]["sees_all"]:
        why = "This role may not see all of them. Connect as a member of pg_read_all_settings."
        yield Unknown(what="What the server's own settings do.", why=why)
    values = {row["name"]: row["value"] for row in rows if row["name"]}
    unsafe = any(is_off(values.get(name, "on")) for name in ("fsync", "full_page_writes"))
    for name, value in values.items():
        effect = find_effect(name, value)
        if effect and not (unsafe and effect.harm == "loses"):  # without fsync the other settings do not matter
            finding = make_finding(_HARMS[effect.harm], name, f"set to {value}")
            yield finding.model_copy(update={"severity": effect.severity, "why": effect.why})


def _judge_encryption(rows: list[Row], session: Session) -> Iterator[Part]:
    if session.remote and not session.encrypted:
        yield make_finding(not_encrypted, "connection", "not encrypted on our side")
    elif session.remote and not (rows and (rows[0]["ssl"] or rows[0]["inside"])):
        yield make_finding(not_encrypted, "connection", "encrypted up to a pooler, and not from there to the server")


def _judge_archiving(rows: list[Row], session: Session) -> Iterator[Part]:
    (row,) = rows
    if row["failing"] and row["archives"]:
        yield make_finding(archive_failing, "server", f"failing; {row['failed_count']} tries failed in all")
    elif row["archives"] and (row["waiting_bytes"] or 0) > KEPT_BYTES and row["seconds_since"] > STUCK_SECONDS:
        waits = f"{row['waiting_bytes'] / KEPT_BYTES:.1f} GB wait"
        yield make_finding(archive_failing, "server", f"nothing for {row['seconds_since'] / 60:,.0f} minutes; {waits}")
    elif not row["archives"]:
        why = (
            "The server archives nothing by itself; where its host makes backups, only the host's dashboard shows them."
        )
        yield Unknown(what="Whether there are backups.", why=why)
    elif not row["ever"]:
        yield Unknown(what="Whether there are backups.", why="Archiving is on, and nothing has been archived yet.")


def _judge_slots(rows: list[Row], session: Session) -> Iterator[Part]:
    for row in rows:
        # A slot in use may lag for a while; "extended" is more than the server is set to keep.
        much = row["kept_bytes"] > KEPT_BYTES and (not row["active"] or row["state"] == "extended")
        if row["state"] in LOST or much:
            kept = f"{row['kept_bytes'] / KEPT_BYTES:.1f} GB kept"
            yield make_finding(
                slot_holding, row["name"], f"{'read' if row['active'] else 'not read'}, {kept}, {row['state']}"
            )


def _judge_queue(rows: list[Row], session: Session) -> Iterator[Part]:
    (row,) = rows
    lag, since = row["lag"] or 0, row["since_attempt"]
    if lag < LAG_SECONDS:
        return
    if not row["running"] and (since is None or since > LAG_SECONDS):
        last = "nothing was ever tried" if since is None else f"the last try was {since / 60:,.0f} minutes ago"
        yield make_finding(worker_silent, "public.delivery_jobs", f"{last}, and no job runs")
    else:
        yield make_finding(queue_late, "public.delivery_jobs", f"the oldest has waited for {lag / 60:,.0f} minutes")


def _judge_bloat(rows: list[Row], session: Session) -> Iterator[Part]:
    for row in rows:
        if row["dead"] > DEAD_ROWS and row["dead"] > row["live"]:
            seen = f"{row['dead']:,} dead rows, {row['live']:,} alive"
            yield make_finding(
                queue_bloated, "public.delivery_jobs", seen, repair="vacuum (analyze) public.delivery_jobs;"
            )


def _judge_lock(rows: list[Row], session: Session) -> Iterator[Part]:
    held = max((row["seconds"] or 0 for row in rows), default=0)
    if held > LONG_SECONDS:
        yield make_finding(migration_locked, "supabase_migrations", f"held for {held / 60:,.0f} minutes")
    elif any(row["seconds"] is None for row in rows):
        why = "Another session holds the migrations' lock. Its start is visible only to pg_read_all_stats."
        yield Unknown(what="Whether a migration is stuck.", why=why)


def _judge_transactions(rows: list[Row], session: Session) -> Iterator[Part]:
    (row,) = rows
    if count := max(row["long_running"], row["idle"]) + row["prepared"]:
        seen = f"{count} for longer, {row['idle']} of them doing nothing, {row['prepared']} prepared"
        yield make_finding(transaction_long, "server", seen)
    elif not row["sees_all"]:
        why = "Without the rights of pg_read_all_stats, a role sees the start only of its own transactions."
        yield Unknown(what="Whether another role's transaction has been open for long.", why=why)


def _judge_capacity(rows: list[Row], session: Session) -> Iterator[Part]:
    (row,) = rows
    if row["connections"] > 0.8 * row["most"]:
        yield make_finding(connections_short, "server", f"{row['connections']} of {row['most']} taken")
    if row["oldest"] > NUMBERS:
        yield make_finding(numbers_short, "server", f"{row['oldest']:,} numbers old")


def _judge_limits(rows: list[Row], session: Session) -> Iterator[Part]:
    for row in rows:
        seconds = read_seconds(row["set_to"])
        if seconds is None:
            why = f"What is set as statement_timeout of {row['role']} is not a length of time that can be read here."
            yield Unknown(what=f"Whether requests of {row['role']} have a time limit.", why=why)
        elif not seconds:
            yield make_finding(unlimited, row["role"], "no time limit")
        elif seconds > LONG_SECONDS:
            yield make_finding(unlimited, row["role"], f"a time limit of {seconds / 60:,.0f} minutes")


def read_seconds(setting: str) -> float | None:
    """Return the length of a time limit in seconds, 0 for none, None when it cannot be read.

    Source: Postgres documentation, 20.1.1 Parameter Names and Values: a number without a unit is milliseconds.
    """
    found = _SETTING.fullmatch(setting)
    if not found:
        return 0 if setting == "none" else None
    return float(found["number"]) * _UNITS[found["unit"] or "ms"]


INSPECTIONS = (
    Inspection("server", "The server's version and clock.", _judge_server),
    Inspection("settings", "What the server's own settings do.", _judge_settings),
    Inspection("encryption", "Whether the connection is encrypted.", _judge_encryption),
    Inspection("archiving", "Whether there are backups.", _judge_archiving),
    Inspection("slots", "What replication slots keep.", _judge_slots),
    Inspection("queue", "Whether the queue moves.", _judge_queue),
    Inspection("queue_bloat", "How much of the queue's table is dead.", _judge_bloat),
    Inspection("migration_lock", "Whether a migration is stuck.", _judge_lock),
    Inspection("transactions", "Whether a transaction has been open for long.", _judge_transactions),
    Inspection("capacity", "Whether connections and transaction numbers are left.", _judge_capacity),
    Inspection("time_limits", "Whether requests have a time limit.", _judge_limits),
)
_STATES = {
    State.MISSING: migration_missing,
    State.EDITED: migration_edited,
    State.UNKNOWN: migration_strange,
    State.GONE: migration_missing,
}


def _inspect_migrations(connection: psycopg.Connection[Any]) -> Iterator[Part]:
    """Compare the list of applied migrations with the files."""
    what = "Which migrations are applied."
    try:
        with connection.transaction():
            states = read_states_of(connection)
    except EditedMigration:
        yield Unknown(what=what, why="The migration files of this project do not match their lock: restore them.")
    except (errors.LockNotAvailable, errors.QueryCanceled):
        yield Unknown(what=what, why="Another session holds a lock on the list: a migration may be running now.")
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        yield Unknown(what=what, why=f"The list of applied migrations may not be read (error {error.sqlstate}).")
    else:
        for state in states:
            if criterion := _STATES.get(state.state):
                yield make_finding(criterion, f"{state.version} {state.name}".strip(), state.state.value)
