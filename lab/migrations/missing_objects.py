"""Finds objects of applied migrations that a database no longer has, such as after a reset of the schema public."""

import re
from collections.abc import Iterable
from typing import Any

import psycopg

from lab.sql import Migration
from lab.text.errors import LabError

_MADE = re.compile(r"^create (table|schema|view)(?: if not exists)? ([\w.]+)", re.MULTILINE | re.IGNORECASE)
_REPLACED = re.compile(r"^create or replace (view) ([\w.]+)", re.MULTILINE | re.IGNORECASE)
_CHANGED = re.compile(
    r"\bdrop (?:table|schema|view)(?: if exists)? ([\w.]*\w)"
    r"|\balter (?:table|view|schema)(?: if exists)? ([\w.]*\w) (?:rename to|set schema)\b",
    re.IGNORECASE,
)
_MISSING = """
select m.name
  from unnest(%s::text[], %s::text[]) as m (kind, name)
 where case m.kind when 'schema' then to_regnamespace(m.name) is null else to_regclass(m.name) is null end
"""
_AGAIN = 'python -m lab sql | psql "$DATABASE_URL"'


class ObjectsMissing(LabError):
    """Objects of applied migrations are missing in the database."""


def find_missing_objects(
    connection: psycopg.Connection[Any], migrations: tuple[Migration, ...], applied: Iterable[str]
) -> dict[str, list[str]]:
    """Return the missing objects of applied migrations, by version; without those that later ones drop. Read-only."""
    found: dict[str, list[str]] = {}
    known, changed_later = set(applied), set[str]()
    for migration in reversed(migrations):
        made = [(kind, name) for kind, name in _list_made(migration) if name.lower() not in changed_later]
        changed_later |= _list_changed(migration)
        if migration.version in known and made:
            rows = connection.execute(_MISSING, list(map(list, zip(*made, strict=True)))).fetchall()
            found |= {migration.version: [str(row[0]) for row in rows]} if rows else {}
    return dict(reversed(found.items()))


def refuse_missing_objects(connection: psycopg.Connection[Any], gone: dict[str, list[str]]) -> None:
    """Refuse to migrate a database in which objects of applied migrations are missing.

    Raises:
        ObjectsMissing: Objects are missing; names the command that creates them again.
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
    raise ObjectsMissing(
        "supabase_migrations.schema_migrations",
        f"these migrations are listed as applied, but {describe_missing(names)}. Nothing was changed",
        f"Create the missing objects again, empty, with `{step}`. If rows were lost, restore a backup instead",
    )


def describe_missing(names: list[str]) -> str:
    """Return a sentence part with the first missing names, and the number of the others."""
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f"{', '.join(names[:3])}{more} {'is' if len(names) == 1 else 'are'} missing"


def _list_made(migration: Migration) -> list[tuple[str, str]]:
    found = [*_MADE.findall(migration.text), *_REPLACED.findall(migration.text)]
    return [(kind.lower(), name) for kind, name in found]


def _list_changed(migration: Migration) -> set[str]:
    """Return what a migration drops, or gives another name or schema; in lower case."""
    return {(dropped or moved).lower() for dropped, moved in _CHANGED.findall(migration.text)}
