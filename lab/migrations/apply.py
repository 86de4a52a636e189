"""Reads which migrations a database has, and applies those that it lacks; nothing is dropped.

The table of applied migrations is the Supabase command line's own, so that either tool sees what the other did.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import errors
from pydantic import BaseModel, ConfigDict

from lab.database.connect import DatabaseUnavailable, connect, name_database
from lab.migrations.files import AppliedOtherwise, read_migrations
from lab.migrations.gone import find_gone, refuse_gone, say_gone
from lab.sql import Migration

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
    gone = find_gone(connection, ours, applied)
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
        state, why = State.GONE, f"It is listed as applied, but {say_gone(gone)}."
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


def apply_migrations(url: str, migrations: tuple[Migration, ...] | None = None) -> list[str]:
    """Apply the missing migrations, each in one transaction; return their names.

    Safe to run twice and by two people at once: each transaction waits for the other, then reads the list again.

    Args:
        url: The database's URL.
        migrations: What it should have, in order; by default the committed ones.

    Raises:
        DatabaseUnavailable: The database cannot be reached, or nothing can be written there, as on a standby.
        EditedMigration: The committed files do not match their lock.
        AppliedOtherwise: An applied migration differs from its file.
        MigrationsGone: What an applied migration made is not there any more.
        psycopg.Error: Postgres refused a statement; that migration's transaction was rolled back.
    """
    migrations = read_migrations() if migrations is None else migrations
    try:
        with connect(url, statement_timeout_seconds=600, lock_timeout_seconds=30) as connection:
            with connection.transaction():
                connection.execute(_LOCK)
                connection.execute(_LEDGER)
                applied = _read_applied(connection)
                _refuse_edited(migrations, applied)
                refuse_gone(connection, find_gone(connection, migrations, applied))
            return [migration.file_name for migration in migrations if _apply(connection, migration)]
    except errors.ReadOnlySqlTransaction:
        found = "nothing can be written here: it is a standby, or read-only"
        raise DatabaseUnavailable(name_database(url), found, "Apply the migrations to its primary") from None


def _refuse_edited(migrations: tuple[Migration, ...], applied: dict[str, list[str]]) -> None:
    edited = [m.file_name for m in migrations if m.version in applied and _differs(m, applied[m.version])]
    if edited:
        raise AppliedOtherwise(
            ", ".join(edited),
            "the database has another text under this version",
            "Restore the file that was applied, and write what changed as a new migration",
        )


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> bool:
    with connection.transaction():
        connection.execute(_LOCK)
        if migration.version in _read_applied(connection):
            return False
        connection.execute(migration.text.encode())
        connection.execute(
            "insert into supabase_migrations.schema_migrations (version, statements, name) values (%s, %s, %s)",
            [migration.version, [migration.text], migration.name],
        )
        return True
