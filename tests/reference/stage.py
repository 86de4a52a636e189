"""Runs the examples of the reference in one transaction with the made-up shop, each taken back by itself."""

import dataclasses
import datetime
import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from lab.sql.reference.calls import returns_rows, row_columns, write_sql
from lab.sql.reference.example import Example, Varies
from lab.sql.reference.sample import fill, id_of, list_statements


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What came of a call: its answer as JSON, or the SQLSTATE and the message of its refusal."""

    answer: Any = None
    state: str = ""
    message: str = ""


class Stage:
    """The made-up shop, and whoever calls a function in it."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    def call(self, example: Example, **replaced: Any) -> Outcome:
        """Call an example's function, with some of its arguments replaced, and take everything back."""
        changed = dataclasses.replace(example, arguments={**example.arguments, **replaced})
        try:
            with self.connection.transaction(force_rollback=True):
                for statement in changed.before:
                    self.connection.execute(fill(statement))
                found = {name: self._find(value.query) for name, value in changed.earlier.items()}
                self.act(changed.role.id, changed.person)
                answer = self._ask(changed, found)
                self.connection.execute("set constraints all immediate")  # what a commit would check
                return Outcome(answer)
        except psycopg.Error as error:
            return Outcome(state=error.sqlstate or "", message=error.diag.message_primary or "")

    def act(self, role: str, person: str) -> None:
        """Become a role; `authenticated` is a person who is signed in."""
        claims = {"role": role}
        if role == "authenticated":
            claims |= {"sub": id_of(person)}
        become = "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)"
        self.connection.execute(become, [json.dumps(claims), role])

    def read(self, person: str, statement: str) -> tuple[str, list[str]]:
        """Return the SQLSTATE of a refusal, or the columns that a person gets."""
        try:
            with self.connection.transaction(force_rollback=True):
                self.act("authenticated", person)
                cursor = self.connection.execute(statement)
                return "", [column.name for column in cursor.description or ()]
        except psycopg.Error as error:
            return error.sqlstate or "", []

    def _find(self, query: str) -> Any:
        row = self.connection.execute(fill(query)).fetchone()
        assert row, query
        return _as_json(row[0])

    def _ask(self, example: Example, found: dict[str, Any]) -> Any:
        cursor = self.connection.execute(write_sql(example, found))
        names = [column.name for column in cursor.description or ()]
        rows = [[_as_json(value) for value in row] for row in cursor]
        if row_columns(example.function):
            return [dict(zip(names, row, strict=True)) for row in rows]
        values = [value for (value,) in rows]
        return values if returns_rows(example.function) else values[0]


def _as_json(value: Any) -> Any:
    """Return a value as the Data API would write it."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    return rf"\x{value.hex()}" if isinstance(value, bytes) else value


def fits(expected: Any, seen: Any) -> bool:
    """Tell whether an answer is the expected one; what varies must be of the shown type."""
    if isinstance(expected, Varies):
        return type(seen) is type(expected.shown)
    if isinstance(expected, dict):
        return isinstance(seen, dict) and list(expected) == list(seen) and all(fits(expected[n], seen[n]) for n in seen)
    if isinstance(expected, list):
        return isinstance(seen, list) and len(expected) == len(seen) and all(map(fits, expected, seen))
    return bool(expected == seen)


@contextmanager
def open_stage(admin_url: str) -> Iterator[Stage]:
    """Open the made-up shop on a database that others use too."""
    with psycopg.connect(admin_url, prepare_threshold=None) as connection:
        for statement in list_statements():
            connection.execute(statement)
        yield Stage(connection)
        connection.rollback()
