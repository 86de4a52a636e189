"""Repairs of missing tables and views: a renamed one gets its name back, and its replacement is set aside."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from typing import Any

from lab.checks.schema.kind import Change
from lab.checks.schema.repairs.objects import close_relation, make
from lab.checks.schema.repairs.undo import grant_again
from lab.checks.schema.wording import FORMS
from lab.rules import RULES
from lab.sql.tokens import split_name

RENAMING = 6  # stage of renaming a table back: other tables reference it


def table_place(change: Change) -> float:
    """Return a table's stage: after the tables that it references."""
    if change.aspect == "missing" and find_renamed(change):
        return RENAMING
    order = [table.qualified for table in RULES.tables]
    return 10 + (order.index(change.name) / 1000 if change.name in order else 0)


def find_renamed(change: Change) -> str | None:
    """Return the present name and schema of a renamed table, found by the name of its primary key."""
    strangers = change.target.of("stranger").items()
    return next((name for name, facts in strangers if f"public.{facts.get('was')}" == change.name), None)


def find_stand_in(change: Change) -> dict[str, Any] | None:
    """Return the facts of a relation that replaced one of another kind."""
    other = "table" if change.kind == "view" else "view"
    found = change.live or change.target.of(other).get(change.name)
    return found if found and found["form"] != change.wanted["form"] else None


def set_aside(change: Change) -> list[str]:
    """Close a relation that replaced another, and rename it; it may hold data, so it is not dropped."""
    found = find_stand_in(change)
    if found is None:
        return []
    schema, name = split_name(change.name)
    names = {n for kind in ("table", "view", "stranger") for n in change.target.of(kind)}
    free = (aside for aside in _name_asides(name) if f"{schema}.{aside}" not in names)
    closed = close_relation(replace(change, expected=None, live=found))
    return [closed, f"alter {FORMS[found['form']]} {change.name} rename to {next(free)};"]


def put_back(change: Change) -> str | None:
    """Restore the name and grants of a relation that was set aside, and the name of the one that replaced it."""
    found, renamed = find_stand_in(change), find_renamed(change)
    if found is None:
        return None
    schema, name = split_name(change.name)
    (line,) = [line for line in set_aside(change) if " rename to " in line]
    aside = line.rpartition(" ")[2].removesuffix(";")
    lines = [f"drop view {change.name};"] if change.kind == "view" else []
    if renamed:
        place, called = split_name(renamed)
        lines += [f"alter table {change.name} rename to {called};"] if called != name else []
        lines += [f"alter table {schema}.{called} set schema {place};"] if place != schema else []
    lines.append(f"alter {FORMS[found['form']]} {schema}.{aside} rename to {name};")
    return "\n".join([*lines, grant_again(replace(change, expected=None, live=found))]).rstrip()


def sets_aside(change: Change) -> bool:
    """Tell whether an undeclared relation replaced a declared one, so that the repair renames it."""
    return find_stand_in(change) is not None


def _name_asides(name: str) -> Iterator[str]:
    yield f"{name}_aside"
    yield from (f"{name}_aside_{number}" for number in count(2))


def make_view(change: Change) -> str:
    """Make a view anew; another relation of that name is set aside."""
    return "\n".join([*set_aside(change), make(change) or ""])


def make_table(change: Change) -> str | None:
    """Bring back a table that was renamed or moved; otherwise create it empty, unless a view has its name."""
    renamed, wanted = find_renamed(change), split_name(change.name)[1]
    if renamed is None:
        return None if find_stand_in(change) else make(change)
    schema, table = split_name(renamed)
    home = [f"alter table {renamed} set schema public;"] if schema != "public" else []
    back = [f"alter table public.{table} rename to {wanted};"] if table != wanted else []
    return "\n".join([*set_aside(change), *home, *back])
