"""How collations are found that the library sorts otherwise than the indexes were built."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import MEDIUM

_DATABASE = "the database"


def _say_refresh(change: Change) -> str:
    """Say how indexes are built again, and the new version is recorded once they are."""
    if change.name == _DATABASE:
        what, refresh = "database", "alter database NAME refresh collation version;"
    else:
        what, refresh = "index that uses it", f"alter collation {change.name} refresh collation version;"
    return (
        f"Look for duplicates first: keys that are equal may have been let in. Then build every {what} again with reindex, "
        f"and only then run: {refresh}"
    )


KIND = Kind(
    name="collation_version",
    plural="versions of collations",
    label="collation version of",
    title="A collation sorts otherwise than when the indexes were built",
    query=read_query("collation_version"),
    say=lambda facts: f"recorded {facts['recorded']}, the library has {facts.get('actual', 'none')}",
    family="schema",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=MEDIUM,
        title=lambda change: f"The collation of {change.name} has changed with the library",
        why="Text indexes were built in another order. They can miss rows, and unique ones can let duplicates in.",
        decide=_say_refresh,
    ),
)
