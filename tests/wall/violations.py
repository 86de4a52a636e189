"""Rows that break exactly the constraint that is asked for, found by trying values; and what a refusal printed."""

import itertools
import json
import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import psycopg

from lab.rules.derived import all_checks
from lab.rules.model import Check, Column, Table
from lab.sql.tables import constraint_name
from tests.wall.actors import Actor
from tests.wall.scenes import Scene

Values = dict[str, Any]


@dataclass(frozen=True)
class Violation:
    """One constraint of a table, and the values that break it."""

    table: Table
    constraint: str
    values: Values


def breaking_rows(scene: Scene, table: Table, canary: str) -> Iterator[Violation]:
    """Yield a violation of every constraint of a table: each column that is required, and each check."""
    row = scene.truth(f"select to_jsonb(t) from {table.qualified} t limit 1")
    assert row, f"{table.id} has no row to begin with"
    for column in table.columns:
        if not column.nullable:
            yield Violation(table, column.name, {column.name: None})
    for check in all_checks(table):
        yield Violation(table, constraint_name(table, check), _break(scene, table, check, row, canary))


def _break(scene: Scene, table: Table, check: Check, row: Values, canary: str) -> Values:
    columns = [column for column in table.columns if re.search(rf"\b{column.name}\b", check.expression)]
    choices = [[{column.name: value} for value in _pool(column, canary)] for column in columns]
    ways = [
        *itertools.chain(*choices),
        *({**a, **b} for x, y in itertools.combinations(choices, 2) for a in x for b in y),
    ]
    escaped = check.expression.replace("%", "%%")
    test = (
        f"select w.way from jsonb_array_elements(%s) as w(way),"
        f" lateral jsonb_populate_record(null::{table.qualified}, %s || w.way) as r"
        f" where (select ({escaped}) is false from (select r.*) as entry) limit 1"
    )
    try:
        with scene.connection.transaction():
            found = scene.truth(test, json.dumps(ways), json.dumps(row))
    except psycopg.errors.InvalidParameterValue:  # one of the ways is refused by a function that the check calls
        found = next(filter(None, (_try(scene, test, way, row) for way in ways)), None)
    assert found is not None, f"nothing breaks {table.id}.{check.name}"
    return dict(found)


def _try(scene: Scene, test: str, way: Values, row: Values) -> Values | None:
    try:
        with scene.connection.transaction():
            found: Values | None = scene.truth(test, json.dumps([way]), json.dumps(row))
            return found
    except psycopg.errors.InvalidParameterValue:
        return None


def _pool(column: Column, canary: str) -> list[Any]:
    """Return values of a column's type that may break a check, the telling ones first."""
    by_type: dict[str, list[Any]] = {
        "text": [canary, "", canary * 400, *column.allowed],
        "text[]": [[canary], []],
        "jsonb": [
            {"words": canary},
            {"customer_email": canary},
            [canary] * 13,
            [],
            {"words": canary * 9000},
            {"words": canary * 50},
        ],
        "bytea": ["\\x" + canary.encode().hex(), "\\x00"],
        "timestamptz": ["2001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"],
        "uuid": [str(uuid.uuid4())],
        "boolean": [True, False],
    }
    return [*by_type.get(column.type, [-1, 0, 99, 30000]), None]


def write(scene: Scene, actor: Actor, command: str, violation: Violation) -> psycopg.Error | int:
    """Try to write a row that breaks a constraint; return the refusal, or how many rows were written."""
    table, values = violation.table, violation.values
    row = scene.truth(f"select to_jsonb(t) from {table.qualified} t limit 1")
    key = " and ".join(f"{name}::text = %s" for name in table.primary_key)
    names = ", ".join(values)
    if command == "insert":
        fresh = {"id": str(uuid.uuid4())} if any(c.name == "id" and c.type == "uuid" for c in table.columns) else {}
        filled = {
            name: value for name, value in {**row, **fresh, **values}.items() if value is not None or name in values
        }
        names = ", ".join(filled)
        statement = (
            f"insert into {table.qualified} ({names}) overriding system value"
            f" select {names} from jsonb_populate_record(null::{table.qualified}, %s)"
        )
        arguments: list[Any] = [json.dumps(filled)]
    else:
        statement = (
            f"update {table.qualified} t set ({names}) = (select {names} from"
            f" jsonb_populate_record(null::{table.qualified}, %s)) where {key}"
        )
        arguments = [json.dumps(values), *(str(row[name]) for name in table.primary_key)]
    try:
        with scene.connection.transaction(force_rollback=True):
            written = scene.count(actor, statement, *arguments)
    except psycopg.Error as error:
        return error
    return written


def printed(error: psycopg.Error) -> str:
    """Return everything that a refusal shows to its caller."""
    told = error.diag
    return "\n".join(
        filter(None, [str(error), told.message_detail, told.message_hint, told.context, told.internal_query])
    )
