"""How subscriptions, which write rows of another server, are found."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH, LOW
from lab.sql.tokens import write_name


def stop_subscription(change: Change) -> str | None:
    """Disable a subscription; it and its rows stay, so that a person can look at them."""
    return f"alter subscription {write_name(change.name)} disable;" if change.found["enabled"] else None


KIND = Kind(
    name="subscription",
    plural="subscriptions",
    title="An undeclared subscription brings in rows of another database",
    means=(
        "A subscription writes rows of another database into this one. Triggers and policies do not check these rows."
    ),
    example="create subscription incoming connection 'dbname=other' publication theirs with (connect = false);",
    accept="During a migration between two databases of the shop, until its last day.",
    query=read_query("subscription"),
    family="strangers",
    stage=70,
    missing=None,
    extra=Aspect(
        severity=lambda change: HIGH if change.found["enabled"] else LOW,
        why="It writes rows of another server here. Row-level security, and triggers that are not always enabled, do not apply.",
        repair=stop_subscription,
        undo=lambda change: f"alter subscription {write_name(change.name)} enable;",
        decide=lambda change: (
            f"If nobody needs it, run: alter subscription {change.name} set (slot_name = none); "
            f"drop subscription {change.name}; then drop its slot on the other server."
        ),
    ),
)
