"""How the platform's schemas in the wrong hands are found."""

from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import ANYBODY, CRITICAL, HIGH
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_hands(change: Change) -> Severity:
    """Grade who holds it: what visitors make there, policies and functions of everybody may call."""
    return CRITICAL if change.facts["role"] in ANYBODY | {"authenticated"} else HIGH


def _say_hands(change: Change) -> str:
    facts = change.facts
    may = "owns" if facts["may"] == "owns" else "can create objects in"
    return f"{facts['role']} {may} {facts['form']} {facts['object']}"


def _say_return(change: Change) -> str:
    """Say what the platform must run: nothing of it is changed by a repair."""
    facts = change.facts
    if facts["may"] == "create":
        return f"Ask its owner to run: revoke create on schema {facts['object']} from {write_name(facts['role'])};"
    return (
        f"Ask the platform's support to run: alter {facts['form']} {facts['object']} owner to the platform's own role;"
    )


KIND = Kind(
    name="platform_object",
    plural="objects of the platform in other hands",
    title="A schema of the platform is in the wrong hands",
    query=read_query("platform_object"),
    say=lambda facts: f"{facts['role']}: {facts['may']}",
    family="access",
    stage=50,
    missing=None,
    extra=Aspect(
        severity=_grade_hands,
        title=_say_hands,
        why="Whoever owns or makes objects there can replace what policies, functions and the platform's servers call.",
        decide=_say_return,
    ),
    subject=lambda change: (
        f"schema {change.facts['object']}" if change.facts["form"] == "schema" else str(change.facts["object"])
    ),
)
