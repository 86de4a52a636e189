"""Reports public buckets that may hold readings."""

import re

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import INFO, MEDIUM
from lab.rules.derived import quote
from lab.rules.model import Severity

_PDF = {"application/pdf", "application/*", "*/*", "application/octet-stream"}
# Words in the names of buckets for pictures, whatever types they accept.
_PICTURES = re.compile(r"avatar|image|img|photo|picture|logo|icon|banner|cover|thumb", re.IGNORECASE)


def _grade_bucket(change: Change) -> Severity:
    """Grade a public bucket: information if it accepts no PDF, or is for pictures by its name."""
    facts = change.facts
    takes = facts.get("types") is None or bool(_PDF & set(facts["types"]))
    return MEDIUM if takes and not facts["unread"] and not _PICTURES.search(facts["name"]) else INFO


def _say_bucket(facts: Facts) -> str:
    if facts["unread"]:
        return "unknown: this role may not read storage.buckets"
    return f"public, accepts {', '.join(facts['types']) if facts.get('types') is not None else 'files of every type'}"


def _say_why(change: Change) -> str:
    if change.facts["unread"]:
        return "Whether a bucket is public is unknown, because this role may not read every row of storage.buckets."
    return (
        "Anybody who knows the name of a file in a public bucket can read it; policies do not apply. Readings are PDFs."
    )


def _close_bucket(change: Change) -> str | None:
    """Close the bucket; its files stay, and can be read by signed URL."""
    if change.facts["unread"]:
        return None
    return f"update storage.buckets set public = false where id = {quote(change.facts['name'])};"


def _open_bucket(change: Change) -> str:
    return f"update storage.buckets set public = true where id = {quote(change.facts['name'])};"


KIND = Kind(
    name="bucket",
    plural="buckets of files",
    title="A public bucket may hold readings",
    query=read_query("bucket"),
    say=_say_bucket,
    family="access",
    stage=85,
    missing=None,
    extra=Aspect(
        severity=_grade_bucket,
        title=lambda change: (
            "Buckets could not be read" if change.facts["unread"] else f"Bucket {change.facts['name']} is public"
        ),
        why=_say_why,
        repair=_close_bucket,
        undo=_open_bucket,
        decide="Decide what the bucket is for. If it never holds a PDF, allow only the file types that it needs.",
    ),
    subject=lambda change: f"storage.buckets.{change.facts['name']}",
)
