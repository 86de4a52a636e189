"""How constraints and indexes are compared."""

from collections.abc import Callable

from lab.compare import Aspect, Change, Kind
from lab.exposure import HIGH, INFO, LOW, MEDIUM
from lab.findings import Forms
from lab.kinds.shared import COMMENT, FOLLOWS, find_forms
from lab.repairs import objects
from lab.rules.model import Severity


def _grade_constraint(change: Change) -> Severity:
    """Grade a constraint that the rules do not know; a tighter one is only mentioned."""
    return MEDIUM if change.facts.get("type") == "f" else INFO


def _checks(change: Change) -> Forms | None:
    """Find the two forms of a check, unless more than its expression differs."""
    tails = {str(facts.get("definition", "")).endswith("NO INHERIT") for facts in (change.wanted, change.found)}
    return find_forms("check", "expression")(change) if len(tails) == 1 else None


CONSTRAINT = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "type": FOLLOWS,
    "target": FOLLOWS,
    "expression": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="It accepts other rows than the rules do.",
        repair=objects.remake_constraint,
        forms=_checks,
    ),
    "validated": Aspect(
        severity=MEDIUM,
        why="It was added without looking at the rows that were there: some may break it.",
        repair=objects.validate_constraint,
    ),
    "enforced": Aspect(
        severity=HIGH, why="It stands in the catalogue, but nothing enforces it.", repair=objects.remake_constraint
    ),
    "triggers": Aspect(
        severity=HIGH,
        why="The catalogue calls this foreign key valid, but the triggers that do its work are switched off.",
        repair=objects.remake_constraint,
    ),
}


def _of_index(severity: Severity) -> Callable[[Change], Severity | None]:
    """Grade a difference of an index; those of a key follow from its constraint."""
    return lambda change: None if change.facts.get("constraint") else severity


_BROKEN_INDEX = "An index that is not ready lets duplicates in, and one that is not valid serves no query."


INDEX = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "constraint": FOLLOWS,
    "unique": FOLLOWS,
    "nulls_not_distinct": FOLLOWS,
    "definition": Aspect(
        severity=_of_index(HIGH),
        why="It lets other values stand side by side, or serves other queries, than the rules say.",
        repair=objects.make,
    ),
    "predicate": Aspect(
        severity=_of_index(HIGH),
        why="It covers other rows than the rules say; what is unique only there can be doubled elsewhere.",
        repair=objects.make,
        forms=find_forms("predicate", "predicate"),
    ),
    **{
        fact: Aspect(severity=HIGH, why=_BROKEN_INDEX, repair=objects.rebuild_index)
        for fact in ("valid", "ready", "live")
    },
}


_SAME_INDEX = ("relation", "definition", "predicate", "valid", "ready", "live")


CONSTRAINTS = (
    Kind(
        name="constraint",
        family="schema",
        stage=lambda change: 24 if change.facts["type"] == "f" else 20,  # a foreign key needs its target's key
        missing=Aspect(
            severity=HIGH, why="Rows that the rules refuse can be written.", repair=objects.remake_constraint
        ),
        extra=Aspect(
            severity=_grade_constraint,
            why="A foreign key that nobody declared can refuse, empty or delete rows when another table changes.",
            repair=objects.drop_constraint,
        ),
        aspects=CONSTRAINT,
        same_under_another_name=("relation", "type", "definition", "validated", "enforced", "triggers"),
    ),
    Kind(
        name="index",
        family="schema",
        stage=22,  # a foreign key needs a valid one
        missing=Aspect(
            severity=lambda c: None if c.facts.get("constraint") else HIGH if c.facts.get("unique") else LOW,
            why="What must be unique can be doubled, or what must be quick is slow.",
            repair=objects.make,
        ),
        extra=Aspect(severity=_of_index(INFO), why="An index that nobody declared costs writes and space, no more."),
        aspects=INDEX,
        same_under_another_name=_SAME_INDEX,
    ),
)
