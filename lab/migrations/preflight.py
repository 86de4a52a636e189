"""Finds everything that prevents the migrations of a database, before anything is changed. Read-only."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import psycopg
from pydantic import BaseModel, ConfigDict, Field

from lab.database.read_only import read_only_transaction, run_query
from lab.sql import Migration
from lab.text.errors import LabError
from lab.text.escape import show_line
from lab.text.product_files import SQL

FOLDER = SQL / "preflight"
SECONDS = 30.0

# Objects that a migration creates. A statement begins at the start of a line; a table's constraints are indented.
_MADE = re.compile(
    r"^(?:create schema if not exists (?P<schema>\w+)"
    r"|(?P<table>create table (?:if not exists )?|create or replace view )(?P<relation>[\w.]+)"
    r"|create (?:unique )?index (?:if not exists )?(?P<index>\w+) on (?P<on>\w+)\."
    r"|create (?:or replace )?function (?P<function>[\w.]+)\("
    r"|  constraint (?P<key>\w+) (?:primary key|unique|exclude))",
    re.MULTILINE,
)
_COMMENT = re.compile(r"^comment on (?:schema|table|view|index|function) .*? is '((?:[^']|'')*)';$", re.MULTILINE)


class Preflight(BaseModel):
    """What prevents the migrations, and which default privileges they revoke."""

    model_config = ConfigDict(frozen=True)

    lacks: tuple[str, ...] = Field(default=(), description="Missing requirements, one sentence each.")
    in_the_way: tuple[str, ...] = Field(
        default=(), description="Undeclared objects with a name that the migrations use."
    )
    revokes: tuple[str, ...] = Field(default=(), description="Default privileges that the migrations revoke.")

    @property
    def refusals(self) -> tuple[str, ...]:
        """Return every reason to refuse."""
        return (*self.lacks, *self.in_the_way)


class NotReady(LabError):
    """A database is not ready for the migrations; names everything that is missing or in the way."""


class Made(NamedTuple):
    """An object that a migration creates."""

    kind: str
    schema: str
    name: str = ""


def inspect_database(
    connection: psycopg.Connection[Any], missing: Iterable[Migration], known: Iterable[Migration]
) -> Preflight:
    """Return what prevents the missing migrations, and what they revoke. Read-only.

    Args:
        connection: An open connection of the role that applies them.
        missing: The migrations to apply; without any, only whether the database is writable is checked.
        known: Every migration of the project; the objects that they create are not in the way.

    Raises:
        QueryFailed: The catalogue may not be read.
    """
    missing = tuple(missing)
    with read_only_transaction(connection, {}, SECONDS):
        needs = run_query(connection, (FOLDER / "needs.sql").read_text())
        if not missing:
            return Preflight(lacks=tuple(_describe_need(row) for row in needs if row["place"] == 1))
        names = [made._asdict() for made in list_names(missing)]
        taken = run_query(connection, (FOLDER / "taken.sql").read_text(), [json.dumps(names)])
        defaults = run_query(connection, (FOLDER / "defaults.sql").read_text())
    comments = read_comments(known)
    strangers = [row for row in taken if not comments & set(row["comments"])]
    return Preflight(
        lacks=tuple(map(_describe_need, needs)),
        in_the_way=tuple(map(_describe_stranger, strangers)),
        revokes=tuple(map(_describe_default, defaults)),
    )


def list_names(migrations: Iterable[Migration]) -> Iterator[Made]:
    """Yield the objects that migrations create; a key is in the schema of its table."""
    for migration in migrations:
        schema = "public"
        for found in _MADE.finditer(migration.text):
            if found["schema"]:
                yield Made("schema", found["schema"])
            elif found["relation"]:
                schema, _, name = found["relation"].rpartition(".")
                yield Made("relation", schema or "public", name)
            elif found["function"]:
                within, _, name = found["function"].rpartition(".")
                yield Made("function", within or "public", name)
            else:
                yield Made("relation", found["on"] or schema, found["index"] or found["key"])


def read_comments(migrations: Iterable[Migration]) -> frozenset[str]:
    """Return the comments that migrations write; they identify declared objects when the list of migrations is lost."""
    return frozenset(
        found[1].replace("''", "'") for migration in migrations for found in _COMMENT.finditer(migration.text)
    )


def _describe_need(row: dict[str, Any]) -> str:
    return f"{show_line(row['what'])}. {show_line(row['next_step'])}."


def _describe_stranger(row: dict[str, Any]) -> str:
    kind, name = row["kind"], show_line(row["name"], 160)
    return f"the {kind} {name} is in the way: these migrations make one of that name. {_advise(kind)}"


def _advise(kind: str) -> str:
    if kind == "schema":
        return "Rename it (alter schema ... rename to ...), or use another database."
    return f"Rename it (alter {kind} ... rename to ...), move it to another schema, or use another database."


def _describe_default(row: dict[str, Any]) -> str:
    where = f"in the schema {row['schema']}" if row["schema"] else "in every schema"
    return f"new {row['objects']} {where}: {row['privileges']} for {row['grantees']}"
