"""How columns are compared, and repaired."""

from collections.abc import Callable
from typing import Any

from lab.checks.schema.aspects import API, COMMENT, FOLLOWS, find_forms
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs.grants import give
from lab.checks.schema.repairs.objects import last
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM
from lab.checks.schema.titles import say_not_null
from lab.rules.derived import quote
from lab.rules.model import Severity
from lab.sql.tokens import split_name


def _of_table(severity: Severity) -> Callable[[Change], Severity | None]:
    """Grade a difference of a table's column; those of a view follow from its definition."""
    return lambda change: None if change.facts.get("form") in ("v", "m") else severity


_EMPTY = "The repair is refused while rows are empty there. Decide which value they get, then run it again."


_CLEARS_STATISTICS = 18  # the first major with pg_clear_attribute_stats, which a table's owner may call


_FORGET = (
    "As a superuser, delete the column's row from pg_catalog.pg_statistic; before Postgres 18 the owner cannot. "
    "On Supabase, ask its support, or copy the table into a new one that has no statistics over the column."
)


def _grade_statistics(change: Change) -> Severity | None:
    """Grade a column's statistics: with private values they are a leak; missing ones only make plans worse."""
    if change.facts.get("form") in ("v", "m"):
        return None
    return HIGH if change.wanted.get("unmeasured") else INFO


def _identity(code: str) -> str:
    return f"generated {'always' if code == 'a' else 'by default'} as identity"


def set_column(change: Change) -> str:
    """Restore one property of a column: its default or its identity."""
    start, wanted = f"alter table {change.facts['relation']} alter column {last(change.name)}", change.wanted
    if change.aspect == "default":
        return f"{start} set default {wanted['default']};" if "default" in wanted else f"{start} drop default;"
    if "identity" not in wanted:
        return f"{start} drop identity if exists;"
    if "identity" in change.found:
        return f"{start} set {_identity(wanted['identity']).removesuffix(' as identity')};"
    return f"{start} add {_identity(wanted['identity'])};\n{_close_sequence(change)}"


def _close_sequence(change: Change) -> str:
    """Close the sequence that Postgres makes for an identity; the platform's default privileges open it."""
    return f"revoke all on sequence {change.facts['relation']}_{last(change.name)}_seq from {', '.join(API)};"


def require_column(change: Change) -> str | None:
    """Make a column that was added empty required, once every row has a value."""
    facts = change.wanted
    return set_need(change) if facts.get("not_null") and not _is_filled(facts) else None


def _is_filled(facts: dict[str, Any]) -> bool:
    """Tell whether an added column gets a value in existing rows."""
    return bool(facts.keys() & {"default", "identity"})


def set_need(change: Change) -> str:
    """Restore whether a column may be null."""
    word = "set" if change.wanted["not_null"] else "drop"
    return f"alter table {change.facts['relation']} alter column {last(change.name)} {word} not null;"


def prove_column(change: Change) -> str:
    """Validate existing rows of a column that was made required without that."""
    return f"alter table {change.facts['relation']} validate constraint {change.found['unproven']};"


def allow_null(change: Change) -> str:
    """Allow null in a column."""
    return f"alter table {change.facts['relation']} alter column {last(change.name)} drop not null;"


def set_statistics(change: Change) -> str:
    """Switch a column's statistics off, or on again."""
    target = 0 if change.wanted.get("unmeasured") else -1
    return f"alter table {change.facts['relation']} alter column {last(change.name)} set statistics {target};"


def forget_statistics(change: Change) -> str | None:
    """Remove a column's statistics, if this Postgres lets a table's owner do so."""
    if change.target.major < 18:
        return None
    schema, table = split_name(str(change.facts["relation"]))
    place = ", ".join(quote(part.strip('"')) for part in (schema, table, last(change.name)))
    return f"select pg_catalog.pg_clear_attribute_stats({place}, false);"


def add_column(change: Change) -> str:
    """Add a column again, with its grants; its values are lost, so existing rows get the default or null.

    A column without a default may be null at first, because existing rows have no value.
    """
    facts, name = change.wanted, last(change.name)
    default = f" default {facts['default']}" if "default" in facts else ""
    identity = f" {_identity(facts['identity'])}" if "identity" in facts else ""
    need = " not null" if facts.get("not_null") and _is_filled(facts) else ""
    lines = [f"alter table {facts['relation']} add column {name} {facts['type']}{identity}{default}{need};"]
    if "comment" in facts:
        lines.append(f"comment on column {change.name} is {quote(facts['comment'])};")
    if "identity" in facts:
        lines.append(_close_sequence(change))
    if "unmeasured" in facts:
        lines.append(set_statistics(change))
    held = change.rules.of("privilege").values()
    return "\n".join([*lines, *(give(p) for p in held if p["place"] == "column" and p["object"] == change.name)])


COLUMN = {
    "comment": COMMENT,
    "relation": FOLLOWS,
    "form": FOLLOWS,
    "type": Aspect(
        severity=_of_table(MEDIUM),
        why="Another type can cut, round or refuse values, and checks can mean something else.",
        decide="Changing the type rewrites the stored values: decide how they are converted, then alter the column.",
    ),
    "collation": Aspect(
        severity=_of_table(LOW),
        why="Texts sort and match differently under another collation, and unique values can collide.",
        decide="Decide when the table can be rewritten with the collation of the rules.",
    ),
    "default": Aspect(
        severity=_of_table(MEDIUM),
        why="A row that does not name this column gets another value than the rules say.",
        repair=set_column,
        forms=find_forms("default", "default"),
    ),
    "not_null": Aspect(
        severity=_of_table(MEDIUM),
        title=say_not_null,
        why="Whether this column may be empty differs from the rules.",
        repair=lambda change: None if change.wanted["not_null"] else allow_null(change),
        proof=lambda change: set_need(change) if change.wanted["not_null"] else None,
        decide=lambda change: _EMPTY if change.wanted["not_null"] else None,
    ),
    "unproven": Aspect(
        severity=_of_table(MEDIUM),
        why="The not-null constraint was never validated: existing rows may be empty.",
        proof=prove_column,
        decide=_EMPTY,
    ),
    "unmeasured": Aspect(
        severity=_grade_statistics,
        why="ANALYZE copies private values of this column into pg_stats, where they can be read.",
        repair=set_statistics,
    ),
    "remembered": Aspect(
        severity=_of_table(HIGH),
        why="Private values of this column are still in pg_stats, and ANALYZE does not remove them.",
        repair=forget_statistics,
        decide=lambda change: None if change.target.major >= _CLEARS_STATISTICS else _FORGET,
    ),
    "identity": Aspect(
        severity=_of_table(MEDIUM),
        why="Only the database may number these rows. Otherwise a writer can choose or repeat a number.",
        repair=set_column,
    ),
    "generated": Aspect(
        severity=_of_table(MEDIUM),
        why="Whether the value is generated differs from the rules.",
        decide="A generated column cannot be altered into an ordinary one: decide what happens to its values.",
    ),
}


KIND = Kind(
    name="column",
    plural="columns",
    title="A column is not as the rules make it",
    means=(
        "A column of a declared table is missing, was added, or has another type, default or rule. Code that "
        "relies on the declared column can fail, or can store what the rules forbid."
    ),
    example="alter table public.oracle_scrolls alter column question drop not null;",
    accept=(
        "When an added column holds nothing about people and the next migration declares it. Never when a "
        "column is missing."
    ),
    query=read_query("column"),
    family="schema",
    stage=8,  # a key needs it, and another table may need the key
    missing=Aspect(
        severity=_of_table(HIGH),
        why="The column is missing. The repair adds it empty; its values must come from a backup.",
        repair=add_column,
        proof=require_column,
        decide="If the table has rows, decide which value they get before the column can be required.",
    ),
    extra=Aspect(
        severity=_of_table(LOW),
        why="The column is undeclared: it has no privacy class, everybody who may read the table can read it, and erasure skips it.",
        decide="Declare it in the rules with its privacy class, or drop it if nothing needs it.",
    ),
    aspects=COLUMN,
)
