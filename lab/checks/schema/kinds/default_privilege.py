"""How default privileges, which apply to new objects, are compared."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import ANYBODY, HIGH, INFO, KEPT, LOW, MEDIUM, is_platform
from lab.checks.schema.titles import say_default
from lab.rules.model import Severity
from lab.sql.tokens import write_name


def _grade_default(change: Change) -> Severity | None:
    """Grade a default privilege; what the platform's roles give each other or `postgres` is the platform's own matter."""
    facts = change.facts
    inside = is_platform(facts["grantee"]) or facts["grantee"] == "postgres"
    if is_platform(facts["owner"]) and (inside or not _is_kept(change)):
        return None
    if inside:
        return INFO
    return HIGH if facts["grantee"] in ANYBODY | {"authenticated"} or _is_kept(change) else MEDIUM


def _is_kept(change: Change) -> bool:
    """Tell whether it applies to a schema in which the platform keeps accounts or keys."""
    return change.facts.get("schema") in KEPT


def _say_default(facts: Facts) -> str:
    """Describe which role gets which privilege on new objects."""
    place = f" in {facts['schema']}" if facts.get("schema") else ""
    return f"{facts['grantee']} gets {facts['privilege'].lower()} on new {facts['form']}{place}"


def set_default(change: Change) -> str | None:
    """Revoke a default privilege, or restore one; only the platform can change its own."""
    facts = change.facts
    if is_platform(facts["owner"]):
        return None
    place = f" in schema {facts['schema']}" if facts.get("schema") else ""
    start = f"alter default privileges for role {write_name(facts['owner'])}{place}"
    what = f"{facts['privilege'].lower()} on {facts['form']}"
    if change.expected is None:
        return f"{start} revoke {what} from {write_name(facts['grantee'])} cascade;"
    lines = [f"{start} grant {what} to {write_name(facts['grantee'])};"]
    if not facts["grantable"]:
        lines.insert(0, f"{start} revoke grant option for {what} from {write_name(facts['grantee'])} cascade;")
    return "\n".join(lines)


def give_default(change: Change) -> str | None:
    """Restore a default privilege; only the platform can change its own."""
    if (taken := set_default(change)) is None:
        return None
    option = " with grant option" if change.found["grantable"] else ""
    return taken.replace(" revoke ", " grant ", 1).replace(" from ", " to ").removesuffix(" cascade;") + f"{option};"


KIND = Kind(
    name="default_privilege",
    plural="default privileges",
    title="Default privileges differ from the rules",
    means=(
        "Default privileges decide who can use tables and functions that are created later. With this one, "
        "the next new object is open without a grant in its migration."
    ),
    example="alter default privileges for role postgres in schema public grant select on tables to anon;",
    accept=(
        "When another application in the same schema needs it, and no migration of this product runs before the date."
    ),
    query=read_query("default_privilege"),
    say=_say_default,
    family="access",
    stage=2,
    missing=Aspect(
        severity=LOW, why="A default privilege of the rules is missing.", title=say_default, repair=set_default
    ),
    extra=Aspect(
        severity=_grade_default,
        title=say_default,
        why="New objects of {owner} are granted to {grantee} automatically.",
        repair=set_default,
        decide=lambda change: (
            "Ask the platform's support to revoke it." if is_platform(change.facts["owner"]) else None
        ),
        undo=give_default,
    ),
    aspects={"grantable": Aspect(severity=HIGH, why="{grantee} can pass it on to others.", repair=set_default)},
    subject=lambda c: f"default privileges of {c.facts['owner']}",
)
