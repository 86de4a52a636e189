"""How extensions are compared."""

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.catalogue import EXPOSED
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO, LOW
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_extension(change: Change) -> Severity:
    """Grade an extension: every role may call its functions, and the Data API serves them if it serves their schema."""
    return LOW if change.facts["schema"] in EXPOSED else INFO


def _move_extension(change: Change) -> str | None:
    if not change.facts["relocatable"]:
        return None
    return f"create schema if not exists extensions;\nalter extension {write_name(change.name)} set schema extensions;"


KIND = Kind(
    name="extension",
    plural="extensions",
    title="An extension is not as the rules make it",
    means=(
        "An extension is installed that the rules do not declare, or a declared one is in another schema. "
        "Its functions may be open to everybody."
    ),
    example=(
        "-- as `create extension citext schema public;` leaves it\n"
        "insert into pg_extension (oid, extname, extowner, extnamespace, extrelocatable, extversion)\n"
        "values (99001, 'citext', 10, 'public'::regnamespace, true, '1.6');"
    ),
    accept=(
        "When another application in the database needs it and none of its functions reads the tables of the rules."
    ),
    query=read_query("extension"),
    family="strangers",
    stage=80,
    missing=None,
    extra=Aspect(
        severity=_grade_extension,
        why="The extension is in a schema that the Data API serves, so everybody can call its functions.",
        repair=_move_extension,
        undo=lambda c: f"alter extension {write_name(c.name)} set schema {write_name(c.found['schema'])};",
        decide="An extension that cannot be moved must be created again in the schema extensions.",
    ),
    aspects={
        "schema": Aspect(severity=_grade_extension, why="The extension is in another schema.", repair=_move_extension),
        "relocatable": FOLLOWS,
    },
)
