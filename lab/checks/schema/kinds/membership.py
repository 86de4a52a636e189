"""How memberships of roles are compared."""

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.severity import ANYBODY, CRITICAL, HIGH, INFO, MEDIUM, OBSERVERS, POWERS, WATCHED, is_platform
from lab.rules.model import Severity

# The platform's own migrations make these.
# Source: github.com/supabase/postgres, migrations/db and nix/tests/expected/z_17_roles.out.
PLATFORM_MEMBERSHIPS = {
    ("service_role", "pgsodium_keyholder"),
    ("cli_login_postgres", "postgres"),
    ("supabase_etl_admin", "pg_read_all_data"),
    ("supabase_read_only_user", "pg_read_all_data"),
    *((name, "service_role") for name in ("supabase_realtime_admin", "supabase_storage_admin")),
}
_ABOVE = ("supabase_admin", "supabase_privileged_role", "supabase_superuser")  # the platform's roles with all rights


def _grade_membership(change: Change) -> Severity:
    """Grade an undeclared membership."""
    member, role = change.facts["member"], change.facts["role"]
    if member in ("postgres", *_ABOVE) or (member, role) in PLATFORM_MEMBERSHIPS:
        return INFO
    if is_platform(member):
        return MEDIUM if role in POWERS else INFO
    if member in ANYBODY | {"authenticated"}:
        return CRITICAL
    if change.facts.get("observes") and member not in WATCHED:
        return INFO
    return HIGH if role in POWERS or member in WATCHED else MEDIUM


def _grade_option(change: Change) -> Severity:
    """Grade an option of a membership."""
    if is_platform(change.facts["member"]) or change.facts["member"] == "postgres":
        return INFO
    return HIGH if change.found[change.aspect] else MEDIUM


def join_role(change: Change) -> str:
    """Restore a membership."""
    return f"grant {change.facts['role']} to {change.facts['member']};"


def leave_role(change: Change) -> str:
    """Revoke a membership; from Postgres 16 on, once for each grantor."""
    facts = change.facts
    ways = [f" granted by {name}" for name in facts["grantors"]] if change.target.major >= _GRANTORS_COUNT else [""]
    return "\n".join(f"revoke {facts['role']} from {facts['member']}{way} cascade;" for way in ways)


_GRANTORS_COUNT = 16  # the first major in which only the grantor can revoke a membership


def join_again(change: Change) -> str:
    """Grant a membership again, with its options."""
    facts = change.found
    start = f"grant {facts['role']} to {facts['member']}"
    if change.target.major < _GRANTORS_COUNT:
        return f"{start}{' with admin option' if facts['admin'] else ''};"
    options = ", ".join(f"{word} {str(facts[word]).lower()}" for word in ("admin", "inherit", "set"))
    return "\n".join(f"{start} with {options} granted by {name};" for name in facts["grantors"])


def say_granted_by(change: Change) -> str | None:
    """Name the grantors who must revoke a membership, if only they can."""
    others = [name for name in change.found["grantors"] if name != "postgres"]
    if change.target.major < _GRANTORS_COUNT or not others:
        return None
    names = " and ".join(others)
    return f"{names} granted it, and only a grantor can revoke it. Run the repair as a role that may act as {names}."


def set_membership(change: Change) -> str | None:
    """Restore a membership's option; before 16 only `admin` is one, and inheriting is an attribute of the member."""
    role, member = change.facts["role"], change.facts["member"]
    if change.aspect == "admin":
        if change.wanted["admin"]:
            return f"grant {role} to {member} with admin option;"
        return f"revoke admin option for {role} from {member} cascade;"
    if change.rules.major < 16:
        return None
    return f"grant {role} to {member} with {change.aspect} {str(change.wanted[change.aspect]).lower()};"


KIND = Kind(
    name="membership",
    plural="memberships",
    title="The members of a role differ from the rules",
    means=(
        "A role is a member of another one that the rules do not give it, or lacks a membership. A member "
        "can use everything that the other role can."
    ),
    example="grant service_role to authenticated;",
    accept="For a person's own login during an incident, for a few days. Never for anon or authenticated.",
    query=read_query("membership"),
    say=lambda facts: f"{facts['member']} is a member of {facts['role']}",
    family="access",
    stage=3,
    missing=Aspect(
        severity=lambda c: INFO if is_platform(c.facts["member"]) or c.facts["member"] == "postgres" else MEDIUM,
        why="{member} cannot act as {role}, so it cannot do what only {role} may do.",
        title=lambda change: f"{change.facts['member']} is not a member of {change.facts['role']}",
        repair=join_role,
    ),
    extra=Aspect(
        severity=_grade_membership,
        why=lambda change: OBSERVERS.get(change.facts["role"], "{member} has, or can take, all rights of {role}."),
        title=lambda change: f"{change.facts['member']} is a member of {change.facts['role']}",
        repair=leave_role,
        undo=join_again,
        decide=say_granted_by,
    ),
    aspects={
        **dict.fromkeys(("member", "role", "observes", "grantors"), FOLLOWS),
        **{
            word: Aspect(
                severity=_grade_option,
                why="The membership of {member} in {role} has other options than the rules say.",
                repair=set_membership,
            )
            for word in ("admin", "inherit", "set")
        },
    },
    subject=lambda c: str(c.facts["member"]),
)
