"""How roles, memberships and settings are compared."""

from lab.catalogue import EXPOSED
from lab.compare import Aspect, Change, Kind
from lab.exposure import ANYBODY, CRITICAL, HIGH, INFO, LOW, MEDIUM, WATCHED, is_platform
from lab.kinds.shared import FOLLOWS
from lab.meaning.tokens import write_name
from lab.repairs import grants, objects
from lab.rules.model import Severity
from lab.sql.access import SCHEMAS

MEMBERS_OF_POWER = {"postgres", "service_role", "supabase_admin", "pg_read_all_data", "pg_write_all_data"}


# Settings of a role or database that open a door: what a policy, a name or a write means depends on them.
DOORS = ("row_security", "session_replication_role", "search_path", "role", "request.", "pgrst.", "lab.", "storage.")


def _grade_role(change: Change) -> Severity:
    """Grade a role that stands above row-level security and that the rules do not know."""
    if is_platform(change.name) or not (change.facts["superuser"] or change.facts["bypassrls"]):
        return INFO
    return HIGH if change.facts["superuser"] else MEDIUM


def _grade_attribute(change: Change) -> Severity:
    """Grade an attribute: power gained by a role that the wall is built against is a side door."""
    if change.name not in WATCHED:
        return INFO if is_platform(change.name) or change.name == "postgres" else MEDIUM
    if not change.found[change.aspect]:
        return MEDIUM if change.aspect in ("bypassrls", "login") else INFO
    return CRITICAL if change.aspect in ("superuser", "bypassrls") else HIGH


def _grade_membership(change: Change) -> Severity:
    """Grade a membership that the rules do not know."""
    member, role = change.facts["member"], change.facts["role"]
    if is_platform(member) or member == "postgres":
        return INFO
    if member in ANYBODY | {"authenticated"}:
        return CRITICAL
    return HIGH if role in MEMBERS_OF_POWER or member in WATCHED else MEDIUM


def _grade_option(change: Change) -> Severity:
    """Grade an option of a membership."""
    if is_platform(change.facts["member"]) or change.facts["member"] == "postgres":
        return INFO
    return HIGH if change.found[change.aspect] else MEDIUM


def _grade_setting(change: Change) -> Severity:
    """Grade a setting: one that opens a door, or a limit that was taken away."""
    facts = change.facts
    name, role = facts["name"], facts["role"]
    if name == "pgrst.db_schemas":
        return _grade_served({schema.strip() for schema in change.found.get("value", "").split(",")})
    if name.startswith(DOORS):
        return INFO if role == "postgres" and name == "search_path" else HIGH
    endless = change.live is None or change.found.get("value") in ("0", "0ms", "0s")
    return LOW if name.endswith("_timeout") and endless and change.expected else INFO


def _grade_served(schemas: set[str]) -> Severity:
    """Grade what the Data API serves: what is ours alone must not be; what stands in others is told as strangers."""
    if schemas & set(SCHEMAS):
        return HIGH
    return MEDIUM if schemas - set(EXPOSED) else INFO


ROLE_WORDS = ("superuser", "bypassrls", "login", "inherit", "createrole", "createdb", "replication")


ROLES = (
    Kind(
        name="role",
        family="access",
        stage=1,
        missing=Aspect(
            severity=lambda c: HIGH if c.name in WATCHED else INFO,
            why="Nobody can act as this role, so whatever only it may do is not done, or is done with more rights.",
            repair=objects.make,
        ),
        extra=Aspect(
            severity=_grade_role,
            why="It stands above row-level security: whoever acts as it sees every row it may read.",
            decide="Find out who uses it and what for; take the attribute away when nobody can say.",
            repair=lambda c: f"alter role {write_name(c.name)} nobypassrls;" if not c.facts["superuser"] else None,
        ),
        aspects={
            word: Aspect(
                severity=_grade_attribute,
                why="Row-level security and grants are built against this role as the rules know it, not with this.",
                repair=grants.set_attribute,
            )
            for word in ROLE_WORDS
        },
    ),
    Kind(
        name="membership",
        family="access",
        stage=3,
        missing=Aspect(
            severity=lambda c: INFO if is_platform(c.facts["member"]) or c.facts["member"] == "postgres" else MEDIUM,
            why="{member} cannot act as {role}, so what only {role} may do is not done.",
            repair=grants.join_role,
        ),
        extra=Aspect(
            severity=_grade_membership,
            why="{member} has, or can take, all rights of {role}.",
            repair=grants.leave_role,
        ),
        aspects={
            **dict.fromkeys(("member", "role"), FOLLOWS),
            **{
                word: Aspect(
                    severity=_grade_option,
                    why="{member} uses the rights of {role} in another way than the rules say.",
                    repair=grants.set_membership,
                )
                for word in ("admin", "inherit", "set")
            },
        },
        subject=lambda c: str(c.facts["member"]),
    ),
    Kind(
        name="setting",
        family="access",
        stage=4,
        missing=Aspect(
            severity=_grade_setting,
            why="A limit is gone: one request may hold the database.",
            repair=grants.set_setting,
        ),
        extra=Aspect(
            severity=_grade_setting,
            why="Every session begins with {name} set; names, policies or triggers may mean something else then.",
            repair=grants.set_setting,
        ),
        aspects={
            **dict.fromkeys(("role", "place", "name"), FOLLOWS),
            "value": Aspect(
                severity=_grade_setting,
                why="Every session begins with another {name} than the rules were built on.",
                repair=grants.set_setting,
            ),
        },
        subject=lambda c: "the database" if c.facts["role"] == "*" else str(c.facts["role"]),
    ),
)
