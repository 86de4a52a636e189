"""How schemas, tables, views, sequences and columns are compared."""

from collections.abc import Callable

from lab.checks.schema.compare import Aspect, Change, Kind
from lab.checks.schema.kinds.aspects import COMMENT, FOLLOWS, STANDS_ON_IT, find_forms, stage_owner
from lab.checks.schema.repairs import grants, objects, relations
from lab.checks.schema.severity import (
    FEWEST_CONNECTIONS,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    grade_access,
    grade_gate,
    is_platform,
    worst,
)
from lab.rules.model import Severity

API = (*objects.API, *objects.OWN)


OWNER = Aspect(
    severity=HIGH,
    why="Its owner is {owner} by the rules; another one may change it, and what runs as owner runs with their rights.",
    repair=objects.set_owner,
)


def grade_undeclared(change: Change) -> Severity:
    """Grade a thing in a schema of ours that the rules do not know, by who can use it."""
    held = change.target.of("privilege").values()
    uses = [p for p in held if p["object"] == change.name and p["grantee"] in API]
    return worst(INFO, *(grade_access(change.name, p["grantee"], p["privilege"]) for p in uses))


def _grade_options(change: Change) -> Severity:
    """Grade other options: a view's decide whose rights it reads with, a table's are tuning unless one is lost."""
    if change.kind == "view":
        return HIGH
    lost = set(change.wanted.get("options", [])) - set(change.found.get("options", []))
    return LOW if lost or "autovacuum_enabled=false" in change.found.get("options", []) else INFO


def _of_table(severity: Severity) -> Callable[[Change], Severity | None]:
    """Grade a difference of a table's column; those of a view follow from its definition."""
    return lambda change: None if change.facts.get("form") in ("v", "m") else severity


_ASIDE = "What stands in its place is closed and kept, with _aside after its name: decide what becomes of it."
_AGAIN = "Check again when it is back: what else is wrong with it is only seen under its own name."
_ROWS = "Decide what becomes of the rows, then make it anew by hand."


def _say_missing_table(change: Change) -> str:
    if relations.find_stand_in(change) is None:
        if relations.find_renamed(change):
            return _AGAIN
        return "When it was moved or renamed, bring it back; otherwise decide which backup its rows come from."
    if relations.find_renamed(change):
        return f"{_ASIDE} {_AGAIN}"
    return "A view stands in its place. Find out where the rows are now, and decide which of the two is meant."


def _grade_extra(change: Change) -> Severity | None:
    """Grade a relation that the rules do not know; what a repair sets aside is told where that repair is."""
    other = "view" if change.kind == "table" else "table"
    if change.name in change.rules.of(other) and (other == "view" or relations.find_renamed(change)):
        return None
    return grade_undeclared(change)


RELATION = {
    "comment": COMMENT,
    "owner": OWNER,
    "form": Aspect(
        severity=HIGH,
        why="It is another kind of relation than the rules make.",
        repair=lambda change: relations.make_view(change) if change.kind == "view" else None,
        decide=lambda change: _ASIDE if change.kind == "view" else _ROWS,
        touches_undeclared=relations.sets_aside,
    ),
    "persistence": Aspect(
        severity=HIGH,
        why="An unlogged table is empty after a crash, and no replica or backup from the log has it.",
        repair=lambda change: f"alter table {change.name} set logged;",
    ),
    "replica_identity": Aspect(
        severity=INFO,
        why="What is streamed of a changed row is more, or less, than its key; that it is streamed is told apart.",
    ),
    "options": Aspect(
        severity=_grade_options,
        why="Its options are not those of the rules; a view's options decide whose rights it reads with.",
        repair=objects.set_options,
    ),
    "children": Aspect(
        severity=MEDIUM,
        why="A table that inherits from this one adds rows to it that its constraints and triggers never saw.",
        repair=objects.part_children,
        touches_undeclared=lambda change: True,
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
        repair=relations.make_view,
        touches_undeclared=relations.sets_aside,
        decide=STANDS_ON_IT,
        forms=find_forms("view", "definition"),
    ),
    "sequence": Aspect(severity=LOW, why="The numbers would not come as the rules say.", repair=objects.set_sequence),
}


_EXTRA = Aspect(
    severity=_grade_extra,
    why="Nobody declared it, so nobody has said who may see what it shows.",
    repair=objects.close_relation,
    decide="Declare it in the rules, or remove it when nobody needs it.",
)


_EMPTY = "Where rows are empty there, the repair is refused: decide what stands in them, then run it again."


_CLEARS_STATISTICS = 18  # pg_clear_attribute_stats is there, and a table's owner may call it
_FORGET = (
    "As a superuser, delete the column's row from pg_catalog.pg_statistic; before Postgres 18 the owner cannot. "
    "On Supabase, ask its support, or copy the table into a new one that has no statistics over the column."
)


def _grade_statistics(change: Change) -> Severity | None:
    """Grade values that are copied where they should not; a column without statistics is only planned worse."""
    if change.facts.get("form") in ("v", "m"):
        return None
    return HIGH if change.wanted.get("unmeasured") else INFO


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
        repair=objects.set_column,
        forms=find_forms("default", "default"),
    ),
    "not_null": Aspect(
        severity=_of_table(MEDIUM),
        why="The rules say whether this may be empty; the database says otherwise.",
        repair=lambda change: None if change.wanted["not_null"] else objects.allow_null(change),
        proof=lambda change: objects.set_need(change) if change.wanted["not_null"] else None,
        decide=lambda change: _EMPTY if change.wanted["not_null"] else None,
    ),
    "unproven": Aspect(
        severity=_of_table(MEDIUM),
        why="Not null was added without looking at the rows: empty values may be there.",
        proof=objects.prove_column,
        decide=_EMPTY,
    ),
    "unmeasured": Aspect(
        severity=_grade_statistics,
        why="ANALYZE copies values of this column into pg_stats, where questions and addresses stand in the open.",
        repair=objects.set_statistics,
    ),
    "remembered": Aspect(
        severity=_of_table(HIGH),
        why="Values of this column were copied into pg_stats before, and no later ANALYZE removes them.",
        repair=objects.forget_statistics,
        decide=lambda change: None if change.target.major >= _CLEARS_STATISTICS else _FORGET,
    ),
    "identity": Aspect(
        severity=_of_table(MEDIUM),
        why="The database alone numbers these rows; otherwise a writer could choose or repeat a number.",
        repair=objects.set_column,
    ),
    "generated": Aspect(
        severity=_of_table(MEDIUM),
        why="The value is computed where the rules let it be written, or the other way round.",
        decide="A generated column can't be altered into another: decide what becomes of its values.",
    ),
}


def _grade_home_owner(change: Change) -> Severity:
    """Grade who owns the database, or a schema; the platform has made `public`, and the database, in several ways."""
    owner, usual = change.found["owner"], ("postgres", "pg_database_owner")
    home = change.name == "public" or change.kind == "database"
    return INFO if home and (owner in usual or is_platform(owner)) else HIGH


def _grade_connections(change: Change) -> Severity:
    return HIGH if change.found.get("connections", FEWEST_CONNECTIONS) < FEWEST_CONNECTIONS else INFO


RELATIONS = (
    Kind(
        name="database",
        family="schema",
        stage=0,
        missing=None,
        extra=None,
        aspects={
            "owner": Aspect(
                severity=_grade_home_owner,
                why="Its owner owns the schema public with it, and may drop whatever stands there.",
                repair=lambda change: grants.set_database(f"owner to {change.wanted['owner']}"),
            ),
            "connections": Aspect(
                severity=_grade_connections,
                why="Without connections nobody reaches anything.",
                repair=lambda change: grants.set_database("connection limit -1"),
            ),
        },
    ),
    Kind(
        name="schema",
        family="schema",
        stage=1.2,  # roles may look into it, tables stand in it
        missing=Aspect(severity=HIGH, why="What stands in it is gone with it.", repair=objects.make),
        extra=None,
        aspects={
            "comment": COMMENT,
            "owner": Aspect(
                severity=_grade_home_owner,
                why="Its owner may make and replace things in it, and give them to anybody.",
                repair=objects.set_owner,
            ),
        },
    ),
    Kind(
        name="table",
        family="schema",
        stage=stage_owner(relations.table_place),
        missing=Aspect(
            severity=HIGH,
            why="The table is not there; the repair makes it empty, what it held must come from a backup.",
            repair=relations.make_table,
            touches_undeclared=relations.sets_aside,
            decide=_say_missing_table,
        ),
        extra=_EXTRA,
        aspects=RELATION,
    ),
    Kind(
        name="sequence",
        family="schema",
        stage=25,
        missing=None,
        extra=_EXTRA,
        aspects={**RELATION, "owner": FOLLOWS},  # an identity's belongs to whoever owns the table
    ),
    Kind(
        name="column",
        family="schema",
        stage=8,  # a key needs it, and another table the key
        missing=Aspect(
            severity=_of_table(HIGH),
            why="The column is not there; the repair makes it empty, what it held must come from a backup.",
            repair=objects.add_column,
            proof=objects.require_column,
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
        name="view",
        family="schema",
        stage=stage_owner(40),
        missing=Aspect(
            severity=MEDIUM,
            why="Whoever works through it sees nothing.",
            repair=relations.make_view,
            touches_undeclared=relations.sets_aside,
            decide=lambda change: _ASIDE if relations.find_stand_in(change) else None,
        ),
        extra=_EXTRA,
        aspects=RELATION,
    ),
    Kind(name="type", family="schema", stage=2, missing=None, extra=Aspect(severity=INFO, why="Nobody declared it.")),
)
