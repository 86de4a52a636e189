"""Reads which migrations a database has, and applies those that it lacks; nothing is dropped.

`preflight` runs before anything is changed. The first migrations are one transaction, so that a database has all of
them or none. Each later one has its own transaction, so that validating rows does not hold the locks of the change.

The table of applied migrations is the Supabase command line's own, so that either tool sees what the other applied.
"""

from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from typing import Any

import psycopg
from pydantic import BaseModel, ConfigDict

from lab.database.connect import connect, name_database
from lab.database.failures import say_refusal
from lab.migrations.files import AppliedOtherwise, read_migrations
from lab.migrations.missing_objects import describe_missing, find_missing_objects, refuse_missing_objects
from lab.migrations.preflight import NotReady, Preflight, inspect_database
from lab.sql import Migration, make_migrations
from lab.text.errors import LabError

# Held until a migration's transaction ends: two people who apply at once go one after the other.
_LOCK = "select pg_advisory_xact_lock(hashtextextended('supabase_migrations.schema_migrations', 0))"

_LEDGER = """
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (
  version text not null primary key, statements text[], name text);
"""


class State(StrEnum):
    """Whether a migration is applied in a database."""

    APPLIED = "applied"
    MISSING = "missing"
    EDITED = "edited"
    UNKNOWN = "unknown"
    GONE = "gone"


class MigrationState(BaseModel):
    """One migration, and its state in a database."""

    model_config = ConfigDict(frozen=True)

    version: str
    name: str
    state: State
    why: str


def read_states(url: str) -> tuple[MigrationState, ...]:
    """Return the state of each migration in a database. Read-only.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        EditedMigration: The committed files do not match their lock.
    """
    with connect(url, read_only=True) as connection:
        return read_states_of(connection)


def read_states_of(connection: psycopg.Connection[Any]) -> tuple[MigrationState, ...]:
    """Return the state of each migration, read on an open connection. Read-only.

    Raises:
        EditedMigration: The committed files do not match their lock.
        psycopg.Error: The list of applied migrations may not be read.
    """
    applied = _read_applied(connection)
    ours = read_migrations()
    gone = find_missing_objects(connection, ours, applied)
    states = [_state(migration, applied, gone.get(migration.version, [])) for migration in ours]
    strangers = sorted(set(applied) - {migration.version for migration in ours})
    why = "The database has it, but this version of the project does not."
    return (*states, *(MigrationState(version=v, name="", state=State.UNKNOWN, why=why) for v in strangers))


def _state(migration: Migration, applied: dict[str, list[str]], gone: list[str]) -> MigrationState:
    if migration.version not in applied:
        state, why = State.MISSING, "It has not been applied yet."
    elif _differs(migration, applied[migration.version]):
        state, why = State.EDITED, "The applied text differs from the file."
    elif gone:
        state, why = State.GONE, f"It is listed as applied, but {describe_missing(gone)}."
    else:
        state, why = State.APPLIED, "It has been applied."
    return MigrationState(version=migration.version, name=migration.name, state=state, why=why)


def _differs(migration: Migration, statements: list[str]) -> bool:
    """Tell whether another text was applied; one that another tool stored in parts is not compared."""
    return len(statements) == 1 and sha256(statements[0].encode()).hexdigest() != migration.checksum


def _read_applied(connection: psycopg.Connection[Any]) -> dict[str, list[str]]:
    known = connection.execute("select to_regclass('supabase_migrations.schema_migrations') is not null").fetchone()
    if not known or not known[0]:
        return {}
    rows = connection.execute("select version, statements from supabase_migrations.schema_migrations").fetchall()
    return {version: statements or [] for version, statements in rows}


def run_preflight(url: str) -> Preflight:
    """Return what prevents the missing migrations, and what they would revoke. Read-only.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        EditedMigration: The committed files do not match their lock.
        QueryFailed: The catalogue may not be read.
    """
    with connect(url, read_only=True) as connection:
        return _look(connection, read_migrations())


def _look(connection: psycopg.Connection[Any], migrations: tuple[Migration, ...]) -> Preflight:
    applied = _read_applied(connection)
    missing = [migration for migration in migrations if migration.version not in applied]
    return inspect_database(connection, missing, migrations)


class NotApplied(LabError):
    """Postgres refused a migration, or the connection broke; lists what is applied and what is not."""


def apply_migrations(
    url: str,
    migrations: tuple[Migration, ...] | None = None,
    *,
    warn: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Apply the missing migrations; return their names.

    Safe to run twice and by two people at once: each transaction waits for the other, then reads the list again.

    Args:
        url: The database's URL.
        migrations: What it should have, in order; by default the committed ones.
        warn: Called before the change with a sentence about each default privilege that is revoked.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        EditedMigration: The committed files do not match their lock.
        AppliedOtherwise: An applied migration differs from its file.
        ObjectsMissing: Objects of an applied migration are missing.
        NotReady: Something is missing or in the way; nothing was changed.
        NotApplied: Postgres refused a migration, and its transaction was rolled back.
    """
    migrations = read_migrations() if migrations is None else migrations
    name = name_database(url)
    with connect(url, statement_timeout_seconds=600, lock_timeout_seconds=30) as connection:
        with connection.transaction():
            applied = _read_applied(connection)
            _refuse_edited(migrations, applied)
            refuse_missing_objects(connection, find_missing_objects(connection, migrations, applied))
            seen = _look(connection, migrations)
        if seen.refusals:
            raise NotReady(name, "it is not ready", "Nothing was touched", faults=seen.refusals)
        for sentence in seen.revokes:
            warn(f"The migrations revoke the default for {sentence}. Existing objects keep their grants.")
        done: list[str] = []
        for batch in _make_batches(migrations):
            try:
                done += _apply(connection, batch)
            except psycopg.Error as error:
                raise _explain(name, error, migrations, batch, done) from None
    return done


def _make_batches(migrations: tuple[Migration, ...]) -> list[tuple[Migration, ...]]:
    """Return the transactions: the first migrations together, then each later one."""
    baseline = {migration.version for migration in make_migrations()}
    first = tuple(migration for migration in migrations if migration.version in baseline)
    return [first, *((migration,) for migration in migrations if migration.version not in baseline)]


def _explain(
    name: str,
    error: psycopg.Error,
    migrations: tuple[Migration, ...],
    batch: tuple[Migration, ...],
    done: list[str],
) -> NotApplied:
    """List what is applied, what is not, and what is unknown because the connection broke during a commit."""
    later = migrations[migrations.index(batch[-1]) + 1 :]
    broken = error.sqlstate is None
    faults = [f"applied: {', '.join(done)}"] if done else []
    faults += [f"{'not known to be applied' if broken else 'not applied'}: {', '.join(m.file_name for m in batch)}"]
    faults += [f"not applied: {', '.join(m.file_name for m in later)}"] if later else []
    next_step = "Run `migrate` without --apply to see the current state" if broken or done else "Nothing was touched"
    return NotApplied(name, say_refusal(error), next_step, faults=faults)


def _refuse_edited(migrations: tuple[Migration, ...], applied: dict[str, list[str]]) -> None:
    edited = [m.file_name for m in migrations if m.version in applied and _differs(m, applied[m.version])]
    if edited:
        raise AppliedOtherwise(
            ", ".join(edited),
            "the database has another text under this version",
            "Restore the file that was applied, and write what changed as a new migration",
        )


def _apply(connection: psycopg.Connection[Any], batch: tuple[Migration, ...]) -> list[str]:
    """Apply those of a batch that are missing, in one transaction; return their names."""
    with connection.transaction():
        connection.execute(_LOCK)
        applied = _read_applied(connection)
        missing = [migration for migration in batch if migration.version not in applied]
        if missing:
            connection.execute(_LEDGER)
        for migration in missing:
            connection.execute(migration.text.encode())
            connection.execute(
                "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)",
                [migration.version, [migration.text], migration.name],
            )
    return [migration.file_name for migration in missing]
