"""How indexes are compared, and repaired."""

from collections.abc import Callable

from lab.checks.schema.aspects import COMMENT, FOLLOWS, KEY_STAGE, find_forms, follows_from_a_key
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects, undo
from lab.checks.schema.repairs.statements import find_statements
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM
from lab.rules.model import Severity


def _grade_index(change: Change) -> Severity | None:
    """Grade an undeclared index; one that refuses rows that the rules accept is more than tuning."""
    if change.facts.get("constraint"):
        return None
    return MEDIUM if change.facts["unique"] and not follows_from_a_key(change, change.facts) else INFO


def _of_index(severity: Severity) -> Callable[[Change], Severity | None]:
    """Grade a difference of an index; those of a key follow from its constraint."""
    return lambda change: None if change.facts.get("constraint") else severity


_BROKEN_INDEX = "The index is incomplete: it can let duplicates in, and queries do not use it."


def _say_index(facts: Facts) -> str:
    return str(facts["definition"]) + (f" WHERE {facts['predicate']}" if "predicate" in facts else "")


def make_index(change: Change) -> str | None:
    """Make a missing index; one that was built beforehand, with `concurrently`, stays."""
    return find_statements("new index", change.name)


def rebuild_index(change: Change) -> str:
    """Build an index again from the table's rows."""
    return f"reindex index {change.name};"


INDEX = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "constraint": FOLLOWS,
    "options": FOLLOWS,
    "unique": FOLLOWS,
    "nulls_not_distinct": FOLLOWS,
    "definition": Aspect(
        severity=_of_index(HIGH),
        why="The index differs from the rules: it can allow other duplicates or serve other queries.",
        repair=objects.make,
    ),
    "predicate": Aspect(
        severity=_of_index(HIGH),
        why="The index covers other rows than the rules say, so it can allow duplicates.",
        repair=objects.make,
        forms=find_forms("predicate", "predicate"),
    ),
    **{fact: Aspect(severity=HIGH, why=_BROKEN_INDEX, repair=rebuild_index) for fact in ("valid", "ready", "live")},
}


_SAME_INDEX = ("relation", "definition", "predicate", "valid", "ready", "live")


def _say_lost_index(change: Change) -> str:
    return (
        "Duplicates are possible: the unique index is missing."
        if change.facts.get("unique")
        else "The index is missing, so its queries are slow."
    )


KIND = Kind(
    name="index",
    plural="indexes",
    title="An index is not as the rules make it",
    means=(
        "An index of the rules is missing or different. A missing unique index allows duplicates, such as an "
        "event of Stripe that counts twice. Another missing index makes a query slow."
    ),
    example="drop index public.share_cards_slug;",
    accept="For an index that only makes queries faster, until the next quiet hour. Never for a unique index.",
    query=read_query("index"),
    say=_say_index,
    family="schema",
    stage=lambda change: KEY_STAGE if change.facts.get("constraint") else 22,
    missing=Aspect(
        severity=lambda c: None if c.facts.get("constraint") else HIGH if c.facts.get("unique") else LOW,
        why=_say_lost_index,
        repair=objects.make,
    ),
    extra=Aspect(
        severity=_grade_index,
        why="The index is undeclared. It slows writes, and a unique index refuses rows that the rules accept.",
        repair=objects.drop_thing,
        undo=undo.make_index_again,
    ),
    aspects=INDEX,
    same_under_another_name=_SAME_INDEX,
)
