"""What must be true of a database before a migration is applied: looked at once, read-only, and told all together."""

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

# What a migration's text creates. Each statement begins at the start of a line; what is in a table is indented.
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
    """What keeps the migrations from being applied, and what they take away from what is there."""

    model_config = ConfigDict(frozen=True)

    lacks: tuple[str, ...] = Field(default=(), description="What server, database and login lack, each a sentence.")
    in_the_way: tuple[str, ...] = Field(default=(), description="Objects of others that have one of our names.")
    revokes: tuple[str, ...] = Field(default=(), description="Default privileges that the migrations revoke.")

    @property
    def refusals(self) -> tuple[str, ...]:
        """Return every reason not to begin."""
        return (*self.lacks, *self.in_the_way)


class NotReady(LabError):
    """A database is not ready for the migrations; names all that is missing or in the way. Nothing was touched."""


class Made(NamedTuple):
    """A name that a migration gives."""

    kind: str
    schema: str
    name: str = ""


def look(connection: psycopg.Connection[Any], missing: Iterable[Migration], known: Iterable[Migration]) -> Preflight:
    """Look at what applying the missing migrations needs and meets. Read-only.

    Args:
        connection: An open connection, as who applies them.
        missing: What is to be applied; none of it asks only whether the database takes writes.
        known: Every migration of the project: what one of them made is not in the way.

    Raises:
        QueryFailed: The catalogue may not be read.
    """
    missing = tuple(missing)
    with read_only_transaction(connection, {}, SECONDS):
        needs = run_query(connection, (FOLDER / "needs.sql").read_text())
        if not missing:
            return Preflight(lacks=tuple(_tell_need(row) for row in needs if row["place"] == 1))
        names = [made._asdict() for made in list_names(missing)]
        taken = run_query(connection, (FOLDER / "taken.sql").read_text(), [json.dumps(names)])
        defaults = run_query(connection, (FOLDER / "defaults.sql").read_text())
    comments = read_comments(known)
    strangers = [row for row in taken if not comments & set(row["comments"])]
    return Preflight(
        lacks=tuple(map(_tell_need, needs)),
        in_the_way=tuple(map(_tell_stranger, strangers)),
        revokes=tuple(map(_tell_default, defaults)),
    )


def list_names(migrations: Iterable[Migration]) -> Iterator[Made]:
    """Yield the names that migrations give, as their texts do; a key is in the schema of its table."""
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
    """Return the comments that migrations write: by them an object is known as ours, whatever list was lost."""
    return frozenset(
        found[1].replace("''", "'") for migration in migrations for found in _COMMENT.finditer(migration.text)
    )


def _tell_need(row: dict[str, Any]) -> str:
    return f"{show_line(row['what'])}. {show_line(row['next_step'])}."


def _tell_stranger(row: dict[str, Any]) -> str:
    kind, name = row["kind"], show_line(row["name"], 160)
    return f"the {kind} {name} is in the way: these migrations make one of that name. {_advise(kind)}"


def _advise(kind: str) -> str:
    if kind == "schema":
        return "Rename it (alter schema ... rename to ...), or use another database."
    return f"Rename it (alter {kind} ... rename to ...), move it to another schema, or use another database."


def _tell_default(row: dict[str, Any]) -> str:
    where = f"in the schema {row['schema']}" if row["schema"] else "in every schema"
    return f"new {row['objects']} {where}: {row['privileges']} for {row['grantees']}"
