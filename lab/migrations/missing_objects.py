"""What applied migrations made and a database no longer has, as after a reset that leaves the list of migrations."""

import re
from collections.abc import Iterable
from typing import Any

import psycopg

from lab.sql import Migration
from lab.text.errors import LabError

_MADE = re.compile(r"^create (table|schema|view)(?: if not exists)? ([\w.]+)", re.MULTILINE | re.IGNORECASE)
_REPLACED = re.compile(r"^create or replace (view) ([\w.]+)", re.MULTILINE | re.IGNORECASE)
_MISSING = """
select m.name
  from unnest(%s::text[], %s::text[]) as m (kind, name)
 where case m.kind when 'schema' then to_regnamespace(m.name) is null else to_regclass(m.name) is null end
"""
_AGAIN = 'python -m lab sql | psql "$DATABASE_URL"'


class MigrationsGone(LabError):
    """The database lists migrations as applied whose tables are not there any more."""


def find_gone(
    connection: psycopg.Connection[Any], migrations: tuple[Migration, ...], applied: Iterable[str]
) -> dict[str, list[str]]:
    """Return what is missing of each applied migration, by version; what a later one drops is left out. Read-only."""
    found: dict[str, list[str]] = {}
    known = set(applied)
    for place, migration in enumerate(migrations):
        later = " ".join(other.text for other in migrations[place + 1 :])
        made = [(kind, name) for kind, name in _list_made(migration) if not _is_changed(name, later)]
        if migration.version in known and made:
            rows = connection.execute(_MISSING, list(map(list, zip(*made, strict=True)))).fetchall()
            found |= {migration.version: [str(row[0]) for row in rows]} if rows else {}
    return found


def refuse_gone(connection: psycopg.Connection[Any], gone: dict[str, list[str]]) -> None:
    """Refuse to call a database migrated that has lost what migrations made.

    Raises:
        MigrationsGone: It has; says the one step that makes all of it again.
    """
    if not gone:
        return
    names = [name for missing in gone.values() for name in missing]
    home = connection.execute("select to_regnamespace('public') is not null").fetchone()
    step = (
        _AGAIN
        if home and home[0]
        else f'(echo "create schema public;"; {_AGAIN.partition(" | ")[0]}) | psql "$DATABASE_URL"'
    )
    raise MigrationsGone(
        "supabase_migrations.schema_migrations",
        f"these migrations are listed as applied, but {say_gone(names)}. Nothing was changed",
        f"Make what is missing again, empty, with `{step}`. If rows were lost, restore a backup instead",
    )


def say_gone(names: list[str]) -> str:
    """Say what is missing: the first few by name, and how many."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} {'is' if len(names) == 1 else 'are'} missing"


def _list_made(migration: Migration) -> list[tuple[str, str]]:
    found = [*_MADE.findall(migration.text), *_REPLACED.findall(migration.text)]
    return [(kind.lower(), name) for kind, name in found]


def _is_changed(name: str, later: str) -> bool:
    """Tell whether a later migration drops a thing, or gives it another name or schema."""
    thing = re.escape(name)
    return bool(
        re.search(rf"\bdrop (?:table|schema|view)(?: if exists)? {thing}\b", later, re.IGNORECASE)
        or re.search(
            rf"\balter (?:table|view|schema)(?: if exists)? {thing} (?:rename to|set schema)\b", later, re.IGNORECASE
        )
    )
