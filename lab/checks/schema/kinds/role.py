"""How roles are compared."""

from lab.checks.schema.kind import Aspect, Change, Facts, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.repairs import objects
from lab.checks.schema.severity import (
    CRITICAL,
    FEWEST_CONNECTIONS,
    HIGH,
    INFO,
    MEDIUM,
    PLATFORM_ABOVE,
    WATCHED,
    is_platform,
)
from lab.rules.model import Severity
from lab.sql.tokens import write_name

ABOVE = ("superuser", "bypassrls")  # row-level security


def _grade_role(change: Change) -> Severity:
    """Grade a role that stands above row-level security and that the rules do not know."""
    above = {word for word in ABOVE if change.facts[word]}
    if above <= PLATFORM_ABOVE.get(change.name, set()):
        return INFO
    return HIGH if "superuser" in above else MEDIUM


def _grade_attribute(change: Change) -> Severity:
    """Grade an attribute: power gained by a role that the wall is built against is a side door."""
    if change.name not in WATCHED:
        if is_platform(change.name) and change.aspect in ABOVE and change.found[change.aspect]:
            return INFO if change.aspect in PLATFORM_ABOVE.get(change.name, set()) else HIGH
        if change.name == "postgres":
            return _grade_owner(change)
        return INFO if is_platform(change.name) else MEDIUM
    if not change.found[change.aspect]:
        if change.aspect == "login" and change.name == "authenticator":
            return HIGH
        return MEDIUM if change.aspect in ("bypassrls", "login") else INFO
    return CRITICAL if change.aspect in ("superuser", "bypassrls") else HIGH


def _grade_owner(change: Change) -> Severity:
    """Grade an attribute of the role that owns the wall: forced row-level security binds it unless it stands above."""
    if change.found[change.aspect] or change.found["superuser"]:
        return INFO
    return {"bypassrls": HIGH, "login": MEDIUM}.get(change.aspect, INFO)


def _grade_limit(change: Change) -> Severity:
    """Grade a limit of a role's connections, or an end of its password: only one role connects for everybody."""
    if change.name != "authenticator" or change.found.get(change.aspect) is None:
        return INFO
    return HIGH if change.aspect == "expires" or change.found["connections"] < FEWEST_CONNECTIONS else INFO


ROLE_WORDS = ("superuser", "bypassrls", "login", "inherit", "createrole", "createdb", "replication")


def _say_role(facts: Facts) -> str:
    """Say what a role has."""
    return ", ".join(name for name, has in facts.items() if has) or "a role without attributes"


def set_attribute(change: Change) -> str:
    """Give a role the attribute that it must have, or take it away."""
    word = change.aspect if change.wanted[change.aspect] else f"no{change.aspect}"
    return f"alter role {write_name(change.name)} {word};"


def lift_limit(change: Change) -> str:
    """Let a role connect as often, and for as long, as it needs to."""
    limit = "connection limit -1" if change.aspect == "connections" else "valid until 'infinity'"
    return f"alter role {write_name(change.name)} {limit};"


KIND = Kind(
    name="role",
    plural="roles",
    title="A role is not as the rules make it",
    query=read_query("role"),
    say=_say_role,
    family="access",
    stage=1,
    missing=Aspect(
        severity=lambda c: HIGH if c.name in WATCHED else INFO,
        why="The role is missing, so nobody can do what only this role may do.",
        repair=objects.make,
    ),
    extra=Aspect(
        severity=_grade_role,
        why="The role bypasses row-level security: it sees every row of the tables it may read.",
        decide="Find out who uses it and why. If nobody knows, remove the attribute.",
        repair=lambda c: f"alter role {write_name(c.name)} nobypassrls;" if not c.facts["superuser"] else None,
        undo=lambda c: f"alter role {write_name(c.name)} bypassrls;",
    ),
    aspects={
        word: Aspect(
            severity=_grade_attribute,
            why="Grants and row-level security rely on this role's attributes, and this one differs.",
            repair=set_attribute,
        )
        for word in ROLE_WORDS
    }
    | {
        limit: Aspect(
            severity=_grade_limit,
            why="The Data API logs in as this role for every visitor. This limit can lock everybody out.",
            repair=lift_limit,
        )
        for limit in ("connections", "expires")
    },
)
