"""How tables, columns, constraints, indexes, triggers, views and functions are compared: one entry for each kind."""

import re
from collections.abc import Callable

from lab import repairs
from lab.compare import Aspect, Change, Kind
from lab.exposure import HIGH, INFO, LOW, MEDIUM, grade_access, grade_gate
from lab.findings import Forms
from lab.rules.model import Severity
from lab.tokens import same_text

COMMENT = Aspect(severity=INFO, why="The catalogue's comment is not what the rules say of it.")
FOLLOWS = Aspect(severity=lambda change: None, why="It follows from another difference.")
API = ("public", "anon", "authenticated", "service_role", "ai_worker", "oracle_operator")
OWNER = Aspect(
    severity=HIGH,
    why="Its owner is {owner} by the rules; another one may change it, and what runs as owner runs with their rights.",
    repair=repairs.set_owner,
)


def _grade_stranger(change: Change) -> Severity:
    """Grade a thing in a schema of ours that the rules do not know, by who can use it."""
    held = change.target.of("privilege").values()
    uses = [p for p in held if p["object"] == change.name and p["grantee"] in API]
    return repairs.worst(INFO, *(grade_access(change.name, p["grantee"], p["privilege"]) for p in uses))


def _grade_function(change: Change) -> Severity:
    """Grade a function of ours that the rules do not know: closed ones are only mentioned."""
    open_to_api = _grade_stranger(change) is not INFO
    return (HIGH if change.facts.get("definer") else MEDIUM) if open_to_api else INFO


def _grade_options(change: Change) -> Severity:
    """Grade other options: a view's decide whose rights it reads with, a table's are tuning unless one is lost."""
    if change.kind == "view":
        return HIGH
    lost = set(change.wanted.get("options", [])) - set(change.found.get("options", []))
    return LOW if lost or "autovacuum_enabled=false" in change.found.get("options", []) else INFO


def _of_table(severity: Severity) -> Callable[[Change], Severity | None]:
    """Grade a difference of a table's column; those of a view follow from its definition."""
    return lambda change: None if change.facts.get("form") in ("v", "m") else severity


def _of_index(severity: Severity) -> Callable[[Change], Severity | None]:
    """Grade a difference of an index; those of a key follow from its constraint."""
    return lambda change: None if change.facts.get("constraint") else severity


def _forms(use: str, fact: str) -> Callable[[Change], Forms | None]:
    """Find the two forms of an expression, when there are two."""

    def find(change: Change) -> Forms | None:
        expected, seen = change.wanted.get(fact), change.found.get(fact)
        if not expected or not seen:
            return None
        return Forms.model_validate({"use": use, "relation": change.relation, "expected": expected, "seen": seen})

    return find


RELATION = {
    "comment": COMMENT,
    "owner": OWNER,
    "form": Aspect(
        severity=HIGH,
        why="It is another kind of relation than the rules make.",
        decide="Decide what becomes of the rows, then make it anew by hand.",
    ),
    "persistence": Aspect(
        severity=HIGH,
        why="An unlogged table is empty after a crash, and no replica or backup from the log has it.",
        repair=lambda change: f"alter table {change.name} set logged;",
    ),
    "options": Aspect(
        severity=_grade_options,
        why="Its options are not those of the rules; a view's options decide whose rights it reads with.",
        repair=repairs.set_options,
    ),
    "rls": Aspect(
        severity=lambda change: grade_gate(change.name),
        why="Without row-level security everybody with a grant sees every row.",
        repair=repairs.set_rls,
    ),
    "rls_forced": Aspect(
        severity=HIGH,
        why="Without force, the table's owner and everything that runs as it pass its policies by.",
        repair=repairs.set_rls,
    ),
    "children": Aspect(
        severity=MEDIUM,
        why="A table that inherits from this one adds rows to it that its constraints and triggers never saw.",
        repair=repairs.part_children,
    ),
    "parents": Aspect(
        severity=MEDIUM,
        why="Rows of this table can be read through its parent, with the parent's grants alone.",
        repair=lambda change: "\n".join(
            f"alter table {change.name} no inherit {parent};" for parent in change.found.get("parents", [])
        ),
    ),
    "definition": Aspect(
        severity=lambda change: grade_gate(change.name),
        why="The view shows something else than the rules let it show.",
        repair=repairs.make,
        forms=_forms("view", "definition"),
    ),
    "sequence": Aspect(
        severity=LOW, why="The numbers would not come as the rules say.", repair=repairs.set_sequence
    ),
}

_EXTRA = Aspect(
    severity=_grade_stranger,
    why="Nobody declared it, so nobody has said who may see what it shows.",
    repair=repairs.close_relation,
    decide="Declare it in the rules, or remove it when nobody needs it.",
)

COLUMN = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "form": FOLLOWS,
    "type": Aspect(
        severity=_of_table(MEDIUM),
        why="Values of another type may be cut, rounded or refused, and checks mean something else for them.",
        decide="Changing a type rewrites what is stored: decide how each value is converted, then alter the column.",
    ),
    "collation": Aspect(
        severity=_of_table(LOW),
        why="Under another collation texts sort and match differently, and unique values may collide.",
        decide="Decide when the table may be rewritten with the collation of the rules.",
    ),
    "default": Aspect(
        severity=_of_table(MEDIUM),
        why="A row that does not name this column gets another value than the rules say.",
        repair=repairs.set_column,
        forms=_forms("default", "default"),
    ),
    "not_null": Aspect(
        severity=_of_table(MEDIUM),
        why="The rules say whether this may be empty; the database says otherwise.",
        repair=repairs.set_column,
    ),
    "unproven": Aspect(
        severity=_of_table(MEDIUM),
        why="Not null was added without looking at the rows: empty values may be there.",
        repair=repairs.set_column,
    ),
    "identity": Aspect(
        severity=_of_table(MEDIUM),
        why="The database alone numbers these rows; otherwise a writer could choose or repeat a number.",
        repair=repairs.set_column,
    ),
    "generated": Aspect(
        severity=_of_table(MEDIUM),
        why="The value is computed where the rules let it be written, or the other way round.",
        decide="A generated column can't be altered into another: decide what becomes of its values.",
    ),
}


def _grade_constraint(change: Change) -> Severity:
    """Grade a constraint that the rules do not know; a tighter one is only mentioned."""
    return MEDIUM if change.facts.get("type") == "f" else INFO


def _checks(change: Change) -> Forms | None:
    """Find the two forms of a check, unless more than its expression differs."""
    tails = {str(facts.get("definition", "")).endswith("NO INHERIT") for facts in (change.wanted, change.found)}
    return _forms("check", "expression")(change) if len(tails) == 1 else None


CONSTRAINT = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "type": FOLLOWS,
    "target": FOLLOWS,
    "expression": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="It accepts other rows than the rules do.",
        repair=repairs.remake_constraint,
        forms=_checks,
    ),
    "validated": Aspect(
        severity=MEDIUM,
        why="It was added without looking at the rows that were there: some may break it.",
        repair=repairs.validate_constraint,
    ),
    "enforced": Aspect(
        severity=HIGH, why="It stands in the catalogue, but nothing enforces it.", repair=repairs.remake_constraint
    ),
    "triggers": Aspect(
        severity=HIGH,
        why="The catalogue calls this foreign key valid, but the triggers that do its work are switched off.",
        repair=repairs.remake_constraint,
    ),
}

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
        repair=repairs.make,
    ),
    "predicate": Aspect(
        severity=_of_index(HIGH),
        why="It covers other rows than the rules say; what is unique only there can be doubled elsewhere.",
        repair=repairs.make,
        forms=_forms("predicate", "predicate"),
    ),
    **{
        fact: Aspect(severity=HIGH, why=_BROKEN_INDEX, repair=repairs.rebuild_index)
        for fact in ("valid", "ready", "live")
    },
}

_WHEN = re.compile(r" WHEN \((.*)\) EXECUTE FUNCTION ", re.DOTALL)


def _conditions(change: Change) -> Forms | None:
    """Find the two forms of a trigger's condition, unless more than the condition differs."""
    texts = (change.wanted["definition"], change.found["definition"])
    found = [_WHEN.search(text) for text in texts]
    rest = {_WHEN.sub(" EXECUTE FUNCTION ", text) for text in texts}
    if len(rest) > 1 or not found[0] or not found[1]:
        return None
    return Forms(use="when", relation=change.relation, expected=found[0][1], seen=found[1][1])


TRIGGER = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "definition": Aspect(
        severity=HIGH,
        why="It watches other writes, or does something else, than the rules say.",
        repair=repairs.make,
        forms=_conditions,
    ),
    "enabled": Aspect(
        severity=HIGH,
        why="A trigger that is not always enabled does not fire, or not while a session plays replica.",
        repair=repairs.set_trigger_state,
    ),
}


def _grade_body(change: Change) -> Severity:
    """Grade another body; spacing and comments are only mentioned."""
    return INFO if same_text(change.wanted.get("body", ""), change.found.get("body", "")) else HIGH


def _written_again(why: str, severity: Severity = HIGH) -> Aspect:
    return Aspect(severity=severity, why=why, repair=repairs.make)


FUNCTION = {
    "comment": COMMENT,
    "owner": OWNER,
    "body": Aspect(severity=_grade_body, why="It does something else than the rules say.", repair=repairs.make),
    "arguments": _written_again("It is called in another way than the rules say.", MEDIUM),
    "returns": Aspect(
        severity=MEDIUM,
        why="It answers with something else than the rules say.",
        decide="Another return type needs the function dropped first: decide when, and make it from the generated SQL.",
    ),
    "form": _written_again("It is another kind of routine than the rules say."),
    "language": _written_again("Its language is not the one that the rules name."),
    "definer": _written_again("It runs with other rights than the rules give it."),
    "volatility": _written_again("Postgres may call it less often, or on an older picture of the data, than it must.", MEDIUM),
    "strict": _written_again("It is not called at all when an argument is null: whatever it guards stands open then."),
    "leakproof": _written_again("A function that claims to leak nothing may see rows before policies have hidden them."),
    "parallel": _written_again("It may run where it must not, or not where it could.", LOW),
    "config": _written_again(
        "Its settings decide which objects its names mean, and whether row-level security holds while it runs."
    ),
}

PLATFORM_FUNCTION = {
    "body": Aspect(
        severity=lambda change: INFO if _grade_body(change) is INFO else MEDIUM,
        why="Every policy asks the platform who is there; this answer is not the one that the rules were built on.",
        decide="Compare it with the platform's current version, and ask the platform's support when it is not that.",
    ),
    **{
        fact: Aspect(severity=INFO, why="The platform's own function differs from the one the rules were built on.")
        for fact in ("comment", "owner", "config", "parallel", "volatility", "language", "definer", "strict", "leakproof")
    },
}

_SAME_INDEX = ("relation", "definition", "predicate", "valid", "ready", "live")

SCHEMA_KINDS = (
    Kind(
        name="schema",
        family="schema",
        stage=0,
        missing=Aspect(severity=HIGH, why="What stands in it is gone with it.", repair=repairs.make),
        extra=None,
        aspects={
            "comment": COMMENT,
            "owner": Aspect(
                severity=lambda change: INFO if change.name == "public" else HIGH,
                why="Its owner may make and replace things in it, and give them to anybody.",
                repair=repairs.set_owner,
            ),
        },
    ),
    Kind(
        name="table",
        family="schema",
        stage=repairs.table_place,
        missing=Aspect(
            severity=HIGH,
            why="The table is not there; the repair makes it empty, what it held must come from a backup.",
            repair=repairs.make_table,
            decide="When it was moved or renamed, bring it back; otherwise decide which backup its rows come from.",
        ),
        extra=_EXTRA,
        aspects=RELATION,
    ),
    Kind(name="sequence", family="schema", stage=25, missing=None, extra=_EXTRA, aspects=RELATION),
    Kind(
        name="column",
        family="schema",
        stage=15,
        missing=Aspect(
            severity=_of_table(HIGH),
            why="The column is not there; the repair makes it empty, what it held must come from a backup.",
            repair=repairs.add_column,
            decide="Where rows exist, decide what stands in the column before it can be required.",
        ),
        extra=Aspect(
            severity=_of_table(LOW),
            why="Nobody declared its privacy class, so whoever may read the table reads it, and no erasure reaches it.",
            decide="Declare it in the rules with its privacy class, or drop it when nothing needs it.",
        ),
        aspects=COLUMN,
    ),
    Kind(
        name="function",
        family="schema",
        stage=repairs.function_place,
        missing=Aspect(
            severity=HIGH, why="What calls it fails, and what it guards is not guarded.", repair=repairs.make
        ),
        extra=Aspect(
            severity=_grade_function,
            why="Nobody declared it, and whoever may call it does what it does.",
            repair=repairs.close_function,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
        aspects=FUNCTION,
    ),
    Kind(name="platform_function", family="schema", stage=5, missing=None, extra=None, aspects=PLATFORM_FUNCTION),
    Kind(
        name="constraint",
        family="schema",
        stage=lambda change: 24 if change.facts["type"] == "f" else 20,  # a foreign key needs its target's key
        missing=Aspect(
            severity=HIGH, why="Rows that the rules refuse can be written.", repair=repairs.remake_constraint
        ),
        extra=Aspect(
            severity=_grade_constraint,
            why="A foreign key that nobody declared can refuse, empty or delete rows when another table changes.",
            repair=repairs.drop_constraint,
        ),
        aspects=CONSTRAINT,
        same_under_another_name=("relation", "type", "definition", "validated", "enforced", "triggers"),
    ),
    Kind(
        name="index",
        family="schema",
        stage=30,
        missing=Aspect(
            severity=lambda c: None if c.facts.get("constraint") else HIGH if c.facts.get("unique") else LOW,
            why="What must be unique can be doubled, or what must be quick is slow.",
            repair=repairs.make,
        ),
        extra=Aspect(
            severity=_of_index(INFO), why="An index that nobody declared costs writes and space, no more."
        ),
        aspects=INDEX,
        same_under_another_name=_SAME_INDEX,
    ),
    Kind(
        name="view",
        family="schema",
        stage=40,
        missing=Aspect(severity=MEDIUM, why="Whoever works through it sees nothing.", repair=repairs.make),
        extra=_EXTRA,
        aspects=RELATION,
    ),
    Kind(
        name="trigger",
        family="schema",
        stage=45,
        goes_with_table=False,  # it needs functions, and they need the table
        missing=Aspect(
            severity=HIGH, why="What it refuses can be done, by the site's own server too.", repair=repairs.make
        ),
        extra=Aspect(
            severity=lambda change: INFO if change.facts.get("enabled") == "D" else MEDIUM,
            why="A trigger that nobody declared can change, copy or swallow what is written here.",
            repair=repairs.disable_trigger,
            decide="Declare it in the rules, or drop it when nobody needs it.",
        ),
        aspects=TRIGGER,
    ),
    Kind(
        name="rule",
        family="schema",
        stage=45,
        missing=None,
        extra=Aspect(
            severity=HIGH,
            why="A rewrite rule turns a write into something else, or into nothing, without a word.",
            repair=repairs.drop_rule,
        ),
    ),
    Kind(name="type", family="schema", stage=2, missing=None, extra=Aspect(severity=INFO, why="Nobody declared it.")),
)
