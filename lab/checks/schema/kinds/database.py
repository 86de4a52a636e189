"""How the database itself is compared."""

from lab.checks.schema.aspects import grade_home_owner
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import FEWEST_CONNECTIONS, HIGH, INFO
from lab.rules.model import Severity


def _grade_connections(change: Change) -> Severity:
    return HIGH if change.found.get("connections", FEWEST_CONNECTIONS) < FEWEST_CONNECTIONS else INFO


def set_database(change: str) -> str:
    """Write a change of the database, whose own name only the database knows."""
    return f"do $do$ begin execute format('alter database %I {change}', current_database()); end $do$;"


KIND = Kind(
    name="database",
    plural="settings of the database",
    title="The database itself is not as the rules make it",
    query=read_query("database"),
    family="schema",
    stage=0,
    missing=None,
    extra=None,
    aspects={
        "owner": Aspect(
            severity=grade_home_owner,
            why="Its owner owns the schema public with it, and may drop whatever stands there.",
            repair=lambda change: set_database(f"owner to {change.wanted['owner']}"),
        ),
        "connections": Aspect(
            severity=_grade_connections,
            why="Without connections nobody reaches anything.",
            repair=lambda change: set_database("connection limit -1"),
        ),
    },
)
