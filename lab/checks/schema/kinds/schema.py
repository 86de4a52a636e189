"""How schemas are compared."""

from lab.checks.schema.aspects import COMMENT, grade_home_owner
from lab.checks.schema.kind import Aspect, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import HIGH

KIND = Kind(
    name="schema",
    plural="schemas",
    title="A schema is not as the rules make it",
    query=read_query("schema"),
    family="schema",
    stage=1.2,  # roles need its usage, and tables are in it
    missing=Aspect(severity=HIGH, why="The schema is missing, with everything in it.", repair=objects.make),
    extra=None,
    aspects={
        "comment": COMMENT,
        "owner": Aspect(
            severity=grade_home_owner,
            why="The owner of a schema can create and replace objects in it.",
            repair=objects.set_owner,
        ),
    },
)
