"""How constraints and indexes are compared."""

import re
from collections.abc import Callable, Iterator

from lab.checks.finding import Forms
from lab.checks.schema.compare import Aspect, Change, Facts, Kind
from lab.checks.schema.kinds.aspects import COMMENT, FOLLOWS, find_forms
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM, name_of
from lab.rules.model import Severity


def _grade_constraint(change: Change) -> Severity:
    """Grade a constraint that the rules do not know; a tighter check is only mentioned, if a row can pass it."""
    facts = change.facts
    if facts["type"] == "c":
        return HIGH if _lets_nothing_in(change) else INFO
    if facts["type"] in ("p", "u"):
        index = next((i for i in change.target.of("index").values() if _makes(i, change)), {})
        return INFO if _follows_from_a_key(change, index) else MEDIUM
    return MEDIUM


# A column that has to be empty, or unlike itself.
_IMPOSSIBLE = re.compile(r"^[(]*(\w+|\"[^\"]+\") (IS NULL|(<>|<|>) [(]*\1)[)]*$")


def _lets_nothing_in(change: Change) -> bool:
    """Tell whether no row can pass a check: it looks at none, or wants what a column that is never empty can't be."""
    expression = str(change.facts["expression"])
    asked = _IMPOSSIBLE.match(expression)
    column = change.rules.of("column").get(f"{change.relation}.{asked[1]}", {}) if asked else {}
    return bool(column.get("not_null")) or (bool(change.facts.get("constant")) and expression != "true")


def _makes(index: Facts, change: Change) -> bool:
    """Tell whether an index is the one that a constraint rests on."""
    return index["relation"] == change.relation and index.get("constraint") == name_of(change.name)


def _grade_index(change: Change) -> Severity | None:
    """Grade an index that the rules do not know: one that refuses what they take is more than tuning."""
    if change.facts.get("constraint"):
        return None
    return MEDIUM if change.facts["unique"] and not _follows_from_a_key(change, change.facts) else INFO


_COLUMNS = re.compile(r" USING \w+ \((.*?)\)(?: INCLUDE | NULLS NOT DISTINCT|$)")


def _key_columns(index: Facts) -> list[str]:
    """Return what an index is on, column by column; an expression comes in parts that no column is called."""
    found = _COLUMNS.search(index["definition"])
    return found[1].split(", ") if found and "(" not in found[1] else []


def _follows_from_a_key(change: Change, index: Facts) -> bool:
    """Tell whether what an index keeps unique is unique anyway, by a key of the rules inside of it."""
    columns = set(_key_columns(index)) if index else set()
    keys = [i for i in change.rules.of("index").values() if i["relation"] == change.relation and i["unique"]]
    return any(
        set(_key_columns(key)) <= columns
        and _key_columns(key) != []
        and key.get("predicate") in (None, index.get("predicate"))
        and (key["nulls_not_distinct"] or not index["nulls_not_distinct"])
        for key in keys
    )


def _compare_checks(change: Change) -> Forms | None:
    """Set a check beside what stands in its place, unless more than its expression differs.

    One check may be split into several: what the others refuse that nobody declared, counts on both sides.
    """
    others = list(_find_other_checks(change))
    sides = [facts for facts in (change.expected, change.live) if facts]
    tails = {str(facts["definition"]).endswith("NO INHERIT") for facts in (*sides, *others)}
    proven = all(facts["validated"] and facts.get("enforced") is not False for facts in others)
    if len(tails) > 1 or not proven or change.wanted["type"] != "c":
        return None
    wanted, found = (facts.get("expression", "true") for facts in (change.wanted, change.found))
    besides = tuple(facts["expression"] for facts in others)
    return Forms(use="check", relation=change.relation, expected=wanted, seen=found, besides=besides)


def _find_other_checks(change: Change) -> Iterator[Facts]:
    """Yield what else a row of the table has to meet, though nobody declared it."""
    for name, facts in change.target.of("constraint").items():
        ours = name in change.rules.of("constraint")
        if facts["relation"] == change.relation and facts["type"] == "c" and not ours:
            yield facts


_FOREIGN_KEY = re.compile(r"^FOREIGN KEY \((\w+)\) REFERENCES ([\w.]+)\((\w+)\)")


def _say_rows(change: Change) -> str:
    """Say which rows a repair may be refused for."""
    table, key = change.facts["relation"], _FOREIGN_KEY.match(change.wanted["definition"])
    if key:
        column, other, target = key.groups()
        rows = (
            f"{table} r where {column} is not null and not exists (select from {other} o where o.{target} = r.{column})"
        )
    elif "expression" in change.wanted:
        rows = f"{table} where not ({change.wanted['expression']})"
    else:
        return "Where rows have the same key, the repair is refused: decide which of them is kept, then run it again."
    return (
        f"Where rows break it, it is not proven: decide what becomes of them, then run it again. select * from {rows};"
    )


_KEY_STAGE = 9  # after its columns, and before a table that points at it


def _stage_constraint(change: Change) -> float:
    return {"f": 24, "c": 20}.get(change.facts["type"], _KEY_STAGE)


CONSTRAINT = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "type": FOLLOWS,
    "target": FOLLOWS,
    "expression": FOLLOWS,
    "constant": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="It accepts other rows than the rules do.",
        repair=objects.add_constraint,
        proof=objects.prove_constraint,
        decide=_say_rows,
        forms=_compare_checks,
    ),
    "validated": Aspect(
        severity=MEDIUM,
        why="It was added without looking at the rows that were there: some may break it.",
        proof=objects.prove_constraint,
        decide=_say_rows,
    ),
    "enforced": Aspect(
        severity=HIGH,
        why="It stands in the catalogue, but nothing enforces it.",
        repair=objects.add_constraint,
        proof=objects.prove_constraint,
        decide=_say_rows,
    ),
    "triggers": Aspect(
        severity=HIGH,
        why="The catalogue calls this foreign key valid, but the triggers that do its work are switched off.",
        repair=objects.add_constraint,
        proof=objects.prove_constraint,
        decide=_say_rows,
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


def _say_lost_index(change: Change) -> str:
    return "What must be unique can be doubled." if change.facts.get("unique") else "What must be quick is slow."


CONSTRAINTS = (
    Kind(
        name="constraint",
        family="schema",
        stage=_stage_constraint,
        missing=Aspect(
            severity=HIGH,
            why="Rows that the rules refuse can be written.",
            repair=objects.add_constraint,
            proof=objects.prove_constraint,
            decide=_say_rows,
            forms=_compare_checks,
        ),
        extra=Aspect(
            severity=_grade_constraint,
            why="A constraint that nobody declared can refuse what the rules take, and a foreign key delete rows.",
            repair=objects.drop_constraint,
        ),
        aspects=CONSTRAINT,
        same_under_another_name=("relation", "type", "definition", "validated", "enforced", "triggers"),
    ),
    Kind(
        name="index",
        family="schema",
        stage=lambda change: _KEY_STAGE if change.facts.get("constraint") else 22,
        missing=Aspect(
            severity=lambda c: None if c.facts.get("constraint") else HIGH if c.facts.get("unique") else LOW,
            why=_say_lost_index,
            repair=objects.make,
        ),
        extra=Aspect(
            severity=_grade_index,
            why="Nobody declared it: it costs writes and space, and a unique one refuses rows that the rules take.",
            repair=objects.drop_thing,
        ),
        aspects=INDEX,
        same_under_another_name=_SAME_INDEX,
    ),
)
