"""How schemas are compared."""

from lab.checks.schema.aspects import COMMENT, grade_home_owner, shuts_out_owner
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import HIGH


def _say_owner(change: Change) -> str | None:
    """Say who must run the repairs, when only the schema's owner can."""
    if not shuts_out_owner(change):
        return None
    return (
        f"{change.found['owner']} owns this schema, and postgres cannot create objects in it. Run the repairs as "
        f"{change.found['owner']}, or ask the platform to run: grant usage, create on schema public to postgres;"
    )


KIND = Kind(
    name="schema",
    plural="schemas",
    title="A schema is not as the rules make it",
    means=(
        "A schema of the rules is missing, or has another owner. The owner of a schema can drop and replace "
        "what is in it."
    ),
    example="alter schema wall owner to authenticated;",
    accept="When the platform owns public, which is information.",
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
            decide=_say_owner,
        ),
    },
)
