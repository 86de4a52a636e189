"""How row-level security of a table is compared."""

from lab.checks.schema.aspects import FOLLOWS, grade_gate_of
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH, name_of


def set_row_security(change: Change) -> str:
    """Enable and force row-level security."""
    word = "force" if change.aspect == "forced" else "enable"
    return f"alter table {change.name} {word} row level security;"


ROW_SECURITY = {
    "relation": FOLLOWS,
    "enabled": Aspect(
        severity=grade_gate_of,
        why="Row-level security is off: everybody with a grant can reach every row.",
        title=lambda change: f"Row-level security is off on {name_of(change.name)}",
        repair=set_row_security,
    ),
    "forced": Aspect(
        severity=HIGH,
        why="Row-level security is not forced: the owner, and code that runs as the owner, bypass the policies.",
        title=lambda change: f"Row-level security is not forced on {name_of(change.name)}",
        repair=set_row_security,
    ),
}


KIND = Kind(
    name="row_security",
    plural="row-level security",
    title="Row-level security of a table is not as the rules make it",
    means=(
        "Row-level security is off, or does not apply to the table's owner. Policies of a table have no "
        "effect while it is off."
    ),
    example="alter table public.oracle_scrolls disable row level security;",
    accept="Never: switching it on takes one statement.",
    query=read_query("row_security"),
    whole_table=True,
    of_any_relation=True,
    family="access",
    stage=48,
    missing=None,
    extra=None,
    aspects=ROW_SECURITY,
)
