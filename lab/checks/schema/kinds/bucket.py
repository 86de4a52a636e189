"""Reports public buckets that may hold readings."""

from lab.checks.schema.buckets import may_hold_readings
from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO, MEDIUM
from lab.rules.derived import quote
from lab.rules.model import Severity

UNREAD = "all buckets"
"""Stands for the buckets that this role may not read; the check reports them as unknown."""


def _grade_bucket(change: Change) -> Severity | None:
    """Grade a public bucket: information if it accepts no PDF, or is for pictures by its name."""
    facts = change.facts
    if facts["unread"]:
        return None
    return MEDIUM if may_hold_readings(facts["name"], facts.get("types")) else INFO


def _say_bucket(facts: Facts) -> str:
    return f"public, accepts {', '.join(facts['types']) if facts.get('types') is not None else 'files of every type'}"


def _close_bucket(change: Change) -> str:
    """Close the bucket; its files stay, and can be read by signed URL."""
    return f"update storage.buckets set public = false where id = {quote(change.facts['name'])};"


def _open_bucket(change: Change) -> str:
    return f"update storage.buckets set public = true where id = {quote(change.facts['name'])};"


KIND = Kind(
    name="bucket",
    plural="buckets of files",
    title="A public bucket may hold readings",
    means=(
        "A bucket of the storage is public and accepts PDFs. Readings are PDFs, and policies do not apply to "
        "a public bucket."
    ),
    example="insert into storage.buckets (id, name, public) values ('readings', 'readings', true);",
    accept="When the bucket holds only files that anybody may read, such as brochures.",
    query=read_query("bucket"),
    say=_say_bucket,
    family="access",
    stage=85,
    missing=None,
    extra=Aspect(
        severity=_grade_bucket,
        title=lambda change: f"Bucket {change.facts['name']} is public",
        why="Anybody who knows the name of a file in a public bucket can read it; policies do not apply. Readings are PDFs.",
        repair=_close_bucket,
        undo=_open_bucket,
        decide="Decide what the bucket is for. If it never holds a PDF, allow only the file types that it needs.",
    ),
    subject=lambda change: f"storage.buckets.{change.facts['name']}",
)
