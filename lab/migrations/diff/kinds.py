"""Compares two sets of rules: every difference counts, also of a comment, and no object counts as undeclared.

An object that the rules no longer declare is dropped, unless it holds data. A change that would lose or invent data is
left to a person.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from lab.checks.schema.aspects import API, FOLLOWS
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.kinds import column, constraint, function, index, trigger
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import INFO, LOW
from lab.rules.model import Severity

_ANSWERS = "Its callers get another result."
_GONE = "The rules no longer declare it."


def _free_column(change: Change) -> str | None:
    """Make a column that the rules no longer declare optional for writers."""
    filled = change.found.keys() & {"default", "identity", "generated"}
    return column.allow_null(change) if change.found["not_null"] and not filled else None


def _loosen_column(change: Change) -> str | None:
    return None if change.wanted["not_null"] else column.allow_null(change)


def _say_fill(change: Change) -> str | None:
    if not change.wanted["not_null"]:
        return None
    return f"Existing rows may be empty: fill them, then run: {column.set_need(change)}"


def _say_drop_column(change: Change) -> str:
    drop = f"alter table {change.facts['relation']} drop column {objects.last(change.name)};"
    return f"It is kept, but no rule says who may read it, and erasure skips it. If nobody needs it, run: {drop}"


def _say_type(change: Change) -> str:
    column = f"alter table {change.facts['relation']} alter column {objects.last(change.name)}"
    return (
        f"Every value is rewritten from {change.found['type']} to {change.wanted['type']}. Drop views, policies and "
        f"triggers that name the column first. Decide how values are converted, and when. The last statement: "
        f"{column} type {change.wanted['type']};"
    )


def _is_open(change: Change) -> bool:
    """Tell whether a role of the Data API still reaches an object that the rules no longer declare."""
    held = change.target.of("privilege").values()
    inside = [p for p in held if p["object"] == change.name or p["object"].startswith(f"{change.name}.")]
    return any(p["grantee"] in API for p in inside)


def _close_table(change: Change) -> str | None:
    return objects.close_relation(change) if _is_open(change) else None


def _say_drop_table(change: Change) -> str:
    return f"It is closed and kept, but erasure skips it. If nobody needs its rows, run: drop table {change.name};"


def _is_needed(change: Change) -> bool:
    """Tell whether a table that is kept for its data uses a function."""
    name = change.name.split("(")[0]
    ours = change.rules.of("table")
    kept = [
        facts
        for kind in ("trigger", "policy", "constraint", "column")
        for facts in change.target.of(kind).values()
        if facts["relation"] not in ours and facts["relation"] in change.target.of("table")
    ]
    return any(name in str(value) for facts in kept for value in facts.values())


def _drop_function(change: Change) -> str | None:
    if not _is_needed(change):
        return objects.drop_thing(change)
    return objects.close_function(change) if _is_open(change) else None


def _say_drop_function(change: Change) -> str | None:
    if not _is_needed(change):
        return None
    return f"A kept table still uses it. When that table is dropped, run: {objects.drop_thing(change)}"


_FOREIGN_KEY = re.compile(r"^FOREIGN KEY \((\w+)\)")


def _grade_gone_constraint(change: Change) -> Severity | None:
    """Keep the foreign key of a kept column: erasing the person that it points at must still reach the row."""
    key = _FOREIGN_KEY.match(change.found["definition"])
    column = f"{change.facts['relation']}.{key[1]}" if key else ""
    return None if column in change.target.of("column") and column not in change.rules.of("column") else LOW


_EXTRA = {
    "table": Aspect(severity=LOW, why=_GONE, repair=_close_table, decide=_say_drop_table),
    "column": Aspect(severity=LOW, why=_GONE, repair=_free_column, decide=_say_drop_column),
    "sequence": FOLLOWS,
    "view": Aspect(severity=LOW, why=_GONE, repair=objects.drop_thing),
    "index": Aspect(
        severity=lambda change: None if change.facts.get("constraint") else LOW, why=_GONE, repair=objects.drop_thing
    ),
    "constraint": Aspect(severity=_grade_gone_constraint, why=_GONE, repair=constraint.drop_constraint),
    "trigger": Aspect(severity=LOW, why=_GONE, repair=trigger.drop_trigger),
    "function": Aspect(severity=LOW, why=_GONE, repair=_drop_function, decide=_say_drop_function),
    "role": Aspect(
        severity=LOW,
        why=_GONE,
        decide=lambda change: f"It belongs to the whole server. If no database needs it, run: drop role {change.name};",
    ),
}
_MISSING = {
    "column": Aspect(severity=LOW, why="The rules declare it now.", repair=column.add_column),
    "constraint": Aspect(severity=LOW, why="The rules declare it now.", repair=constraint.add_constraint),
    "index": Aspect(
        severity=lambda change: None if change.facts.get("constraint") else LOW,
        why="The rules declare it now.",
        repair=index.make_index,
    ),
}
_CHANGED = {
    ("column", "not_null"): Aspect(
        severity=LOW, why="Whether it may be null has changed.", repair=_loosen_column, decide=_say_fill
    ),
    ("column", "type"): Aspect(severity=LOW, why="Its type has changed.", decide=_say_type),
    ("constraint", "definition"): Aspect(severity=LOW, why="Its condition differs.", repair=constraint.add_constraint),
    ("function", "arguments"): Aspect(severity=LOW, why=_ANSWERS, repair=function.make_function),
    ("function", "returns"): Aspect(severity=LOW, why=_ANSWERS, repair=function.make_function),
}
_LAST = 95  # stage of drops: by then nothing else depends on the object


def _adapt_kind(kind: Kind) -> Kind:
    aspects = {fact: _CHANGED.get((kind.name, fact), aspect) for fact, aspect in kind.aspects.items()}
    missing, extra = _MISSING.get(kind.name, kind.missing), _EXTRA.get(kind.name, kind.extra)
    return replace(
        kind,
        missing=missing and _adapt_aspect(kind, missing),
        extra=extra and _adapt_aspect(kind, extra),
        aspects={fact: _adapt_aspect(kind, aspect) for fact, aspect in aspects.items()},
        same_under_another_name=(),  # an object with another name is made anew, and the old one is dropped
        stage=_stage(kind),
    )


def _adapt_aspect(kind: Kind, aspect: Aspect) -> Aspect:
    """Return an aspect in which information counts as a low finding, so that a migration changes it, too.

    Two differences are left out. A view's columns follow from the view. The memberships of the platform and the owner
    follow from the role that made the other role.
    """

    def grade(change: Change) -> Severity | None:
        severity = aspect.severity if isinstance(aspect.severity, Severity) else aspect.severity(change)
        if kind.name == "column" and change.facts.get("form") in ("v", "m"):
            return None
        if kind.name == "membership" and severity is INFO:
            return None
        return LOW if severity is INFO else severity

    def repair(change: Change) -> str | None:
        return aspect.repair(_drop_owner(change))

    def prove(change: Change) -> str | None:
        return None if repair(change) else aspect.proof(change)  # a changed one is validated by the next migration

    return replace(aspect, severity=grade, repair=repair, proof=prove)


def _drop_owner(change: Change) -> Change:
    """Leave out the owner: an object of a migration belongs to the role that applies it."""
    owned = change.kind in _OWNED and change.expected is not None
    return replace(change, expected={k: v for k, v in change.wanted.items() if k != "owner"}) if owned else change


_OWNED = ("schema", "table", "view", "function")


def _stage(kind: Kind) -> float | Callable[[Change], float]:
    usual = kind.stage
    if kind.name != "function":
        return usual
    return lambda change: _LAST if change.expected is None else usual(change) if callable(usual) else usual


FORWARD: tuple[Kind, ...] = tuple(_adapt_kind(kind) for kind in KINDS)
