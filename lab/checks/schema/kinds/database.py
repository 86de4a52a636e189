"""How the database itself is compared."""

from lab.checks.schema.aspects import grade_home_owner
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import FEWEST_CONNECTIONS, HIGH, INFO
from lab.checks.schema.titles import say_connections, say_owner
from lab.rules.model import Severity


def _grade_connections(change: Change) -> Severity:
    return HIGH if change.found.get("connections", FEWEST_CONNECTIONS) < FEWEST_CONNECTIONS else INFO


def set_database(change: str) -> str:
    """Write a change of the database, whose name is only known when the statement runs."""
    return f"do $do$ begin execute format('alter database %I {change}', current_database()); end $do$;"


KIND = Kind(
    name="database",
    plural="settings of the database",
    title="A setting of the database differs from the rules",
    means="The database has another owner, or accepts so few connections that visitors are refused.",
    example="do $$ begin execute format('alter database %I connection limit 2', current_database()); end $$;",
    accept="During maintenance, when the limit is deliberate.",
    query=read_query("database"),
    family="schema",
    stage=0,
    missing=None,
    extra=None,
    aspects={
        "owner": Aspect(
            severity=grade_home_owner,
            title=say_owner,
            why="The owner of the database also owns the schema public, and can drop everything in it.",
            repair=lambda change: set_database(f"owner to {change.wanted['owner']}"),
        ),
        "connections": Aspect(
            severity=_grade_connections,
            title=say_connections,
            why="The connection limit can lock everybody out.",
            repair=lambda change: set_database("connection limit -1"),
        ),
    },
)
