"""How rewrite rules are compared."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import undo
from lab.checks.schema.repairs.objects import last
from lab.checks.schema.severity import HIGH


def drop_rule(change: Change) -> str:
    """Drop a rewrite rule."""
    return f"drop rule {last(change.name)} on {change.facts['relation']};"


KIND = Kind(
    name="rule",
    plural="rewrite rules",
    title="A table or view has an undeclared rewrite rule",
    means=(
        "A rewrite rule replaces statements on a table before anything else sees them. It can discard a "
        "deletion or copy rows, and no trigger notices."
    ),
    example="create rule keep as on delete to public.oracle_scrolls do instead nothing;",
    accept="Never on a table of the rules.",
    query=read_query("rule"),
    say=lambda facts: str(facts["definition"]),
    family="schema",
    stage=45,
    missing=None,
    extra=Aspect(
        severity=HIGH,
        why="A rewrite rule can silently replace or discard a write.",
        repair=drop_rule,
        undo=undo.make_rule_again,
    ),
)
