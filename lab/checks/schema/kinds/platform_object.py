"""Reports roles that own, or can create, objects in the platform's schemas."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import ANYBODY, CRITICAL, HIGH
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_role(change: Change) -> Severity:
    """Grade by role: an object that a visitor creates there can be called by everybody's policies and functions."""
    return CRITICAL if change.facts["role"] in ANYBODY | {"authenticated"} else HIGH


def _write_title(change: Change) -> str:
    facts = change.facts
    may = "owns" if facts["may"] == "owns" else "can create objects in"
    return f"{facts['role']} {may} {facts['form']} {facts['object']}"


def _write_request(change: Change) -> str:
    """Say what the platform must run; a repair never changes a platform's object."""
    facts = change.facts
    if facts["may"] == "create":
        return f"Ask its owner to run: revoke create on schema {facts['object']} from {write_name(facts['role'])};"
    return (
        f"Ask the platform's support to run: alter {facts['form']} {facts['object']} owner to the platform's own role;"
    )


KIND = Kind(
    name="platform_object",
    plural="platform objects of other roles",
    title="A role controls objects of the platform",
    means=(
        "A role owns an object of the platform, or can create objects in a schema of the platform. It can "
        "replace functions that policies call."
    ),
    example="grant create on schema auth to authenticated;",
    accept="When the platform itself made the grant and its documentation says so.",
    query=read_query("platform_object"),
    say=lambda facts: f"{facts['role']}: {facts['may']}",
    family="access",
    stage=50,
    missing=None,
    extra=Aspect(
        severity=_grade_role,
        title=_write_title,
        why="Its owner or creator can replace functions that policies and the platform's servers call.",
        decide=_write_request,
    ),
    subject=lambda change: (
        f"schema {change.facts['object']}" if change.facts["form"] == "schema" else str(change.facts["object"])
    ),
)
