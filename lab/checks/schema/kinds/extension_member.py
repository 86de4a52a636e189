"""How things are found that are hidden among the members of an extension."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import HIGH, MEDIUM
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_member(change: Change) -> Severity:
    """Grade a member: one of ours is lost with a dump, and with the extension."""
    return HIGH if change.facts["ours"] else MEDIUM


def _take_out(change: Change) -> str:
    """Take it out of the extension; nothing else of it changes."""
    facts = change.facts
    return f"alter extension {write_name(facts['extension'])} drop {facts['form']} {facts['object']};"


def _put_back(change: Change) -> str:
    facts = change.facts
    return f"alter extension {write_name(facts['extension'])} add {facts['form']} {facts['object']};"


KIND = Kind(
    name="extension_member",
    plural="members of extensions",
    title="An object is hidden among the members of an extension",
    query=read_query("extension_member"),
    say=lambda facts: f"{facts['form']} {facts['object']}, a member of {facts['extension']}",
    family="strangers",
    stage=1.1,  # before whatever changes it, which Postgres may refuse for a member
    missing=None,
    extra=Aspect(
        severity=_grade_member,
        title=lambda change: (
            f"Extension {change.facts['extension']} holds {change.facts['object'].removeprefix('public.')}"
        ),
        why=(
            "The extension does not bring it: somebody added it. pg_dump leaves members of extensions out, so it is in "
            "no backup, and it goes when the extension is dropped."
        ),
        repair=_take_out,
        undo=_put_back,
        decide="Take it out of the extension, as the extension's owner.",
        touches_undeclared=lambda change: not change.facts["ours"],
    ),
    subject=lambda change: (
        f"schema {change.facts['object']}" if change.facts["form"] == "schema" else str(change.facts["object"])
    ),
)
