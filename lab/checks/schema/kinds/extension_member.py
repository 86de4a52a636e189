"""Reports objects that were added to an extension, where dumps leave them out."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH, MEDIUM
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_member(change: Change) -> Severity:
    """Grade a member: a declared object is missing from dumps, and is dropped with the extension."""
    return HIGH if change.facts["ours"] else MEDIUM


def _remove_member(change: Change) -> str:
    """Remove an object from the extension; the object itself stays."""
    facts = change.facts
    return f"alter extension {write_name(facts['extension'])} drop {facts['form']} {facts['object']};"


def _put_back(change: Change) -> str:
    facts = change.facts
    return f"alter extension {write_name(facts['extension'])} add {facts['form']} {facts['object']};"


KIND = Kind(
    name="extension_member",
    plural="members of extensions",
    title="An object was added to an extension",
    means=(
        "An object was added to an extension. Dumps and many checks leave out what belongs to an extension, "
        "so the object is hidden from them."
    ),
    example="alter extension plpgsql add table public.consent_events;",
    accept="Never for an object of the rules. For an object of another application, when its owner confirms it.",
    query=read_query("extension_member"),
    say=lambda facts: f"{facts['form']} {facts['object']}, a member of {facts['extension']}",
    family="strangers",
    stage=1.1,  # before other repairs of the object, which Postgres may refuse for a member
    missing=None,
    extra=Aspect(
        severity=_grade_member,
        title=lambda change: (
            f"{change.facts['object'].removeprefix('public.')} was added to extension {change.facts['extension']}"
        ),
        why=(
            "The extension did not create it. pg_dump leaves out members of extensions, so no dump contains it. It is "
            "dropped with the extension."
        ),
        repair=_remove_member,
        undo=_put_back,
        decide="Remove it from the extension, as the extension's owner.",
        touches_undeclared=lambda change: not change.facts["ours"],
    ),
    subject=lambda change: (
        f"schema {change.facts['object']}" if change.facts["form"] == "schema" else str(change.facts["object"])
    ),
)
