"""Reports collations whose library version differs from the one that indexes were built with."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import MEDIUM

_DATABASE = "the database"


def _say_refresh(change: Change) -> str:
    """Say how to rebuild the indexes and then record the new version."""
    if change.name == _DATABASE:
        what, refresh = "database", "alter database NAME refresh collation version;"
    else:
        what, refresh = "index that uses it", f"alter collation {change.name} refresh collation version;"
    return (
        f"Look for duplicate keys first, because a unique index may have accepted some. Then run reindex for the {what}, "
        f"and after that: {refresh}"
    )


KIND = Kind(
    name="collation_version",
    plural="versions of collations",
    label="collation version of",
    title="A collation has changed since the indexes were built",
    means=(
        "The operating system's library now sorts text in another order than when the indexes were built, "
        "usually after an upgrade. Text indexes can miss rows until they are rebuilt."
    ),
    example=(
        "create collation public.sorted (provider = libc, locale = 'C');\n"
        "create index by_locale on public.oracle_scrolls (locale collate public.sorted);\n"
        "update pg_collation set collversion = '0.9' where collname = 'sorted'; -- as after an upgrade"
    ),
    accept=(
        "Until the maintenance window in which you rebuild the indexes, and only if no unique index depends "
        "on the collation."
    ),
    query=read_query("collation_version"),
    say=lambda facts: f"recorded {facts['recorded']}, the library has {facts.get('actual', 'none')}",
    family="schema",
    stage=90,
    missing=None,
    extra=Aspect(
        severity=MEDIUM,
        title=lambda change: f"The collation of {change.name} has changed with the library",
        why="Text indexes were built in another order. Queries can miss rows, and unique indexes can accept duplicates.",
        decide=_say_refresh,
    ),
)
