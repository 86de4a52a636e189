"""How types are compared."""

from lab.checks.schema.kind import Aspect, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO

KIND = Kind(
    name="type",
    plural="types",
    title="A type is not as the rules make it",
    means=(
        "An undeclared type or domain is in a schema of the rules. A domain's check runs code at each write "
        "of a column that uses it."
    ),
    example="create type wall.mood as enum ('calm', 'stormy');",
    accept="When it belongs to another application, and no declared table uses it.",
    query=read_query("type"),
    family="schema",
    stage=2,
    missing=None,
    extra=Aspect(severity=INFO, why="The type is undeclared."),
)
