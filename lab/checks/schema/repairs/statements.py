"""Finds the generated statements of an object by its name."""

from collections.abc import Iterator
from functools import lru_cache

from lab.rules import RULES
from lab.rules.derived import all_checks, all_triggers, quote
from lab.rules.model import Table
from lab.sql.access import (
    access_statements,
    create_trigger,
    operator_view,
    policy_statements,
    role_statements,
    schema_statements,
    view_statements,
)
from lab.sql.functions import function_statements
from lab.sql.tables import constraint_name, create_index, table_statements


@lru_cache(maxsize=1)
def _all() -> dict[tuple[str, str], str]:
    found = [pair for table in RULES.tables for pair in _of_table(table)]
    views = (*(operator_view(table) for table in RULES.tables), *RULES.views)
    found += [
        (("view", view.qualified), [f"drop view if exists {view.qualified};", *view_statements(view)]) for view in views
    ]
    found += [(("function", function.qualified), function_statements(function)) for function in RULES.functions]
    found += [(("role", role.id), role_statements(role)) for role in RULES.roles]
    return {name: "\n".join(lines) for name, lines in found if lines}


def _of_table(table: Table) -> Iterator[tuple[tuple[str, str], list[str]]]:
    place = table.qualified
    yield ("table", place), [*table_statements(table), *access_statements(table)]
    for trigger in all_triggers(table):
        yield ("trigger", f"{place}.{trigger.name}"), create_trigger(table, trigger)
    for policy in table.policies:
        yield ("policy", f"{place}.{policy.name}"), policy_statements(table, policy)
    for index in table.indexes:
        name, made = f"public.{index.name}", create_index(table, index)
        yield ("new index", name), [made]
        yield ("index", name), [f"drop index if exists {name};", made]
    for check in all_checks(table):
        name = constraint_name(table, check)
        lines = [f"alter table {place} drop constraint if exists {name};"]
        lines += [f"alter table {place} add constraint {name} check ({check.expression}) not valid;"]
        declared = [f"comment on constraint {name} on {place} is {quote(check.why)};"] if check in table.checks else []
        yield ("constraint", f"{place}.{name}"), [*lines, *declared]


def find_statements(kind: str, name: str) -> str | None:
    """Return the statements that make an object anew, or None when the rules do not declare it.

    A constraint is made `not valid`: it applies to new rows, and existing rows are not checked.

    Args:
        kind: table, view, function, role, schema, trigger, policy, index, new index or constraint (checks alone).
        name: Its qualified name; a function's may carry its argument types.
    """
    if kind == "schema":
        lines = [s for s in schema_statements() if f"schema {name}" in s and "revoke create" not in s]
        made = [f"create schema if not exists {name};"] if name == "public" else []  # created by Postgres
        return "\n".join([*made, *lines]) or None
    return _all().get((kind, name.split("(")[0]))
