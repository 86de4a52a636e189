"""How constraints are compared, and repaired."""

import re
from collections.abc import Iterator

from lab.checks.schema.aspects import COMMENT, FOLLOWS, KEY_STAGE, follows_from_a_key
from lab.checks.schema.difference import Forms
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import undo
from lab.checks.schema.repairs.objects import last, make
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM, name_of
from lab.rules.model import Severity


def _grade_constraint(change: Change) -> Severity:
    """Grade an undeclared constraint; a later step searches for rows that a check refuses."""
    facts = change.facts
    if facts["type"] == "c":
        return INFO if facts.get("enforced") is False else LOW
    if facts["type"] in ("p", "u"):
        index = next((i for i in change.target.of("index").values() if _makes(i, change)), {})
        return INFO if follows_from_a_key(change, index) else MEDIUM
    return MEDIUM


def _grade_missing(change: Change) -> Severity | None:
    """Grade a missing constraint; a foreign key is no finding if its target's key is missing."""
    gone = change.rules.of("platform_key").keys() - change.target.of("platform_key").keys()
    return None if any(key.startswith(f"{change.facts.get('target')}.") for key in gone) else HIGH


def _makes(index: Facts, change: Change) -> bool:
    """Tell whether an index belongs to a constraint."""
    return index["relation"] == change.relation and index.get("constraint") == name_of(change.name)


def _compare_checks(change: Change) -> Forms | None:
    """Return a check's two forms to compare, unless more than its expression differs.

    One check may be split into several, so the conditions of undeclared checks are added to both sides.
    """
    others = list(_find_other_checks(change))
    sides = [facts for facts in (change.expected, change.live) if facts]
    tails = {str(facts["definition"]).endswith("NO INHERIT") for facts in (*sides, *others)}
    proven = all(facts["validated"] and facts.get("enforced") is not False for facts in others)
    if len(tails) > 1 or not proven or change.wanted["type"] != "c":
        return None
    wanted, found = (facts.get("expression", "true") for facts in (change.wanted, change.found))
    other_checks = tuple(facts["expression"] for facts in others)
    return Forms(use="check", relation=change.relation, expected=wanted, seen=found, other_checks=other_checks)


def _weigh_further(change: Change) -> Forms | None:
    """Return an undeclared check, to be graded by the promised rows that it refuses."""
    facts = change.found
    if facts["type"] != "c" or facts.get("enforced") is False:
        return None
    return Forms(use="further check", relation=change.relation, expected="true", seen=facts["expression"])


def _say_new_constraint(change: Change) -> str:
    if change.facts["type"] == "c":
        return "The constraint is undeclared. Whether it refuses rows that the product needs was not established."
    return "An undeclared constraint can refuse rows that the rules accept. A foreign key can delete rows."


def _find_other_checks(change: Change) -> Iterator[Facts]:
    """Yield the undeclared checks that a row of the table must meet."""
    for name, facts in change.target.of("constraint").items():
        ours = name in change.rules.of("constraint")
        if facts["relation"] == change.relation and facts["type"] == "c" and not ours:
            yield facts


_FOREIGN_KEY = re.compile(r"^FOREIGN KEY \((\w+)\) REFERENCES ([\w.]+)\((\w+)\)")


def _say_rows(change: Change) -> str:
    """Describe the rows for which Postgres may refuse a repair."""
    table, key = change.facts["relation"], _FOREIGN_KEY.match(change.wanted["definition"])
    if key:
        column, other, target = key.groups()
        rows = (
            f"{table} r where {column} is not null and not exists (select from {other} o where o.{target} = r.{column})"
        )
    elif "expression" in change.wanted:
        rows = f"{table} where not ({change.wanted['expression']})"
    else:
        return "The repair is refused while two rows have the same key. Decide which one is kept, then run it again."
    return f"The proof fails while rows break the constraint. Decide what happens to them, then run it again. select * from {rows};"


def _stage_constraint(change: Change) -> float:
    return {"f": 24, "c": 20}.get(change.facts["type"], KEY_STAGE)


def prove_constraint(change: Change) -> str | None:
    """Validate existing rows of a constraint; a key has validated them already."""
    if change.wanted["type"] not in _PROVEN_LATER:
        return None
    return f"alter table {change.facts['relation']} validate constraint {last(change.name)};"


def drop_constraint(change: Change) -> str:
    """Drop an undeclared constraint."""
    return f"alter table {change.facts['relation']} drop constraint {last(change.name)};"


def add_constraint(change: Change) -> str:
    """Make a constraint anew, for new rows only; a key, which is an index, applies to every row.

    A foreign key gets enabled triggers again.
    """
    relation, name = change.facts["relation"], last(change.name)
    later = " not valid" if change.wanted["type"] in _PROVEN_LATER else ""
    return make(change) or (
        f"alter table {relation} drop constraint if exists {name};\n"
        f"alter table {relation} add constraint {name} {change.wanted['definition']}{later};"
    )


_PROVEN_LATER = ("c", "f")  # checks and foreign keys


CONSTRAINT = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "type": FOLLOWS,
    "target": FOLLOWS,
    "expression": FOLLOWS,
    "constant": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="The constraint accepts other rows than the rules do.",
        repair=add_constraint,
        proof=prove_constraint,
        decide=_say_rows,
        forms=_compare_checks,
    ),
    "validated": Aspect(
        severity=MEDIUM,
        why="The constraint was never validated: existing rows may break it.",
        proof=prove_constraint,
        decide=_say_rows,
    ),
    "enforced": Aspect(
        severity=HIGH,
        why="The constraint is not enforced.",
        repair=add_constraint,
        proof=prove_constraint,
        decide=_say_rows,
    ),
    "triggers": Aspect(
        severity=HIGH,
        why="The foreign key's triggers are disabled, so it is not enforced.",
        repair=add_constraint,
        proof=prove_constraint,
        decide=_say_rows,
    ),
}


KIND = Kind(
    name="constraint",
    plural="constraints",
    title="A constraint is not as the rules make it",
    means=(
        "A constraint of a declared table is missing, was added, or checks something else. Rows that the "
        "rules forbid can be stored."
    ),
    example="alter table public.oracle_scrolls drop constraint oracle_scrolls_question_length;",
    accept="While a constraint is not yet validated because old rows break it, until these rows are repaired.",
    query=read_query("constraint"),
    say=lambda facts: str(facts["definition"]),
    family="schema",
    stage=_stage_constraint,
    missing=Aspect(
        severity=_grade_missing,
        why="The constraint is missing, so rows that the rules refuse can be written.",
        repair=add_constraint,
        proof=prove_constraint,
        decide=_say_rows,
        forms=_compare_checks,
    ),
    extra=Aspect(
        severity=_grade_constraint,
        why=_say_new_constraint,
        repair=drop_constraint,
        undo=undo.make_constraint_again,
        forms=_weigh_further,
    ),
    aspects=CONSTRAINT,
    same_under_another_name=("relation", "type", "definition", "validated", "enforced", "triggers"),
)
