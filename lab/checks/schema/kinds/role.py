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
from lab.checks.schema.titles import say_attribute
from lab.rules.model import Severity
from lab.sql.tokens import write_name

# Attributes with which a role bypasses the schema's protection, and why.
ABOVE = {
    "superuser": "It is a superuser: no permission check applies to it.",
    "bypassrls": "It bypasses row-level security: it sees every row of the tables that it may read.",
    "replication": "It can copy the whole database, and read every change to it.",
    "createrole": "It can make itself a member of any role except superusers.",
}
NO_LOGINS = ("dashboard_user",)  # privileged roles of the platform that cannot log in
_OPEN = 16  # from this major on, a role with CREATEROLE can grant only what it holds with ADMIN OPTION


def _find_above(change: Change) -> set[str]:
    """Return the attributes above that an undeclared role has and the platform does not give it."""
    above = {word for word in ABOVE if change.facts[word]} - PLATFORM_ABOVE.get(change.name, set())
    if not change.facts["login"]:  # its members are findings of their own
        above -= {"replication", "createrole"}
    return above - {"createrole"} if change.target.major >= _OPEN else above


def _grade_role(change: Change) -> Severity:
    """Grade an undeclared role by the attributes above."""
    above = _find_above(change)
    return (HIGH if above - {"bypassrls"} else MEDIUM) if above else INFO


def _say_above(change: Change) -> str:
    told = [why for word, why in ABOVE.items() if word in _find_above(change)]
    return " ".join(told) or "The role is undeclared. Its attributes give it no access."


def weaken_role(change: Change) -> str | None:
    """Remove these attributes from an undeclared role; a person must decide about a superuser."""
    above = sorted(_find_above(change))
    if "superuser" in above or not above:
        return None
    return f"alter role {write_name(change.name)} {' '.join(f'no{word}' for word in above)};"


def strengthen_role(change: Change) -> str:
    """Restore these attributes of an undeclared role."""
    return f"alter role {write_name(change.name)} {' '.join(sorted(_find_above(change)))};"


def _grade_attribute(change: Change) -> Severity:
    """Grade an attribute of a role: a role that the rules restrict must not gain power."""
    if change.name not in WATCHED:
        if is_platform(change.name) and change.found.get(change.aspect):
            return _grade_platform(change)
        if change.name == "postgres":
            return _grade_owner(change)
        return INFO if is_platform(change.name) else MEDIUM
    if not change.found[change.aspect]:
        if change.aspect == "login" and change.name == "authenticator":
            return HIGH
        return MEDIUM if change.aspect in ("bypassrls", "login") else INFO
    return CRITICAL if change.aspect in ("superuser", "bypassrls") else HIGH


def _grade_platform(change: Change) -> Severity:
    """Grade an attribute that a role of the platform has gained."""
    if change.aspect == "login":
        return HIGH if change.name in NO_LOGINS else INFO
    if change.aspect not in ABOVE or (change.aspect == "createrole" and change.target.major >= _OPEN):
        return INFO
    return INFO if change.aspect in PLATFORM_ABOVE.get(change.name, set()) else HIGH


def _grade_owner(change: Change) -> Severity:
    """Grade an attribute of the owner: forced row-level security applies to it, unless it may bypass it."""
    if change.found[change.aspect] or change.found["superuser"]:
        return INFO
    return {"bypassrls": HIGH, "login": MEDIUM}.get(change.aspect, INFO)


def _grade_limit(change: Change) -> Severity:
    """Grade a limit of connections, or an expiring password; only one role connects for every visitor."""
    if change.name != "authenticator" or change.found.get(change.aspect) is None:
        return INFO
    return HIGH if change.aspect == "expires" or change.found["connections"] < FEWEST_CONNECTIONS else INFO


ROLE_WORDS = ("superuser", "bypassrls", "login", "inherit", "createrole", "createdb", "replication")


def _say_role(facts: Facts) -> str:
    """Name the attributes of a role."""
    return ", ".join(name for name, has in facts.items() if has) or "a role without attributes"


def set_attribute(change: Change) -> str:
    """Set an attribute of a role as the rules have it."""
    word = change.aspect if change.wanted[change.aspect] else f"no{change.aspect}"
    return f"alter role {write_name(change.name)} {word};"


def lift_limit(change: Change) -> str:
    """Remove a role's limit of connections, or the end of its password."""
    limit = "connection limit -1" if change.aspect == "connections" else "valid until 'infinity'"
    return f"alter role {write_name(change.name)} {limit};"


KIND = Kind(
    name="role",
    plural="roles",
    title="A role is not as the rules make it",
    means=(
        "A role has another attribute than the rules say: it can log in, bypass row-level security, or "
        "create roles. Or a role is missing."
    ),
    example="alter role anon bypassrls;",
    accept="For a limit on connections that your plan sets. Never for superuser or bypassrls.",
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
        why=_say_above,
        decide="Find out who uses it and why. If nobody knows, remove the attribute.",
        repair=weaken_role,
        undo=strengthen_role,
    ),
    aspects={
        word: Aspect(
            severity=_grade_attribute,
            title=say_attribute,
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
