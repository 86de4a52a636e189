"""How types are compared."""

from lab.checks.schema.kind import Aspect, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO

KIND = Kind(
    name="type",
    plural="types",
    title="A type is not as the rules make it",
    query=read_query("type"),
    family="schema",
    stage=2,
    missing=None,
    extra=Aspect(severity=INFO, why="The type is undeclared."),
)
