"""How roles, memberships and settings are compared."""

import re

from lab.checks.schema.catalogue import EXPOSED
from lab.checks.schema.compare import Aspect, Change, Kind
from lab.checks.schema.kinds.aspects import FOLLOWS
from lab.checks.schema.repairs import grants, objects
from lab.checks.schema.severity import (
    ANYBODY,
    CRITICAL,
    FEWEST_CONNECTIONS,
    HIGH,
    INFO,
    LOW,
    MEDIUM,
    PLATFORM_ABOVE,
    POWERS,
    WATCHED,
    is_platform,
)
from lab.rules.model import Severity
from lab.sql.access import SCHEMAS
from lab.sql.tokens import write_name

# The platform's own migrations make these.
PLATFORM_MEMBERSHIPS = {("service_role", "pgsodium_keyholder")}

ABOVE = ("superuser", "bypassrls")  # row-level security

# Settings of a role or database that open a door: what a policy, a name or a write means depends on them.
DOORS = ("row_security", "session_replication_role", "search_path", "role", "request.", "lab.", "storage.")
# Settings of the Data API that do: who a visitor is, what runs before each request, whether a write is kept.
# Source: PostgREST's documentation, "Configuration".
API_DOORS = ("pgrst.db_pre_request", "pgrst.jwt_aud", "pgrst.jwt_role_claim_key", "pgrst.jwt_secret", "pgrst.db_tx_end")
# Values of settings that mean nothing, where another one would; the Data API hands its usual ones on to each request.
HARMLESS = {
    "pgrst.db_anon_role": {"anon"},
    "pgrst.db_tx_end": {"commit"},
    "pgrst.jwt_role_claim_key": {".role", '."role"'},
    "pgrst.db_hoisted_tx_settings": {
        "",
        "statement_timeout",
        "plan_filter.statement_cost_limit",
        "default_transaction_isolation",
    },
}


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


def _grade_membership(change: Change) -> Severity:
    """Grade a membership that the rules do not know."""
    member, role = change.facts["member"], change.facts["role"]
    if is_platform(member) or member == "postgres" or (member, role) in PLATFORM_MEMBERSHIPS:
        return INFO
    if member in ANYBODY | {"authenticated"}:
        return CRITICAL
    return HIGH if role in POWERS or member in WATCHED else MEDIUM


def _grade_option(change: Change) -> Severity:
    """Grade an option of a membership."""
    if is_platform(change.facts["member"]) or change.facts["member"] == "postgres":
        return INFO
    return HIGH if change.found[change.aspect] else MEDIUM


def _grade_setting(change: Change) -> Severity:
    """Grade a setting: one that opens a door, or a limit that was taken away."""
    facts = change.facts
    name, role = facts["name"], facts["role"]
    values = {value.strip().strip('"') for value in change.found.get("value", "").split(",")}
    if name == "pgrst.db_schemas":
        return _grade_served(values)
    if name == "pgrst.db_extra_search_path":
        return HIGH if values & set(SCHEMAS) else INFO
    if name in HARMLESS and values <= HARMLESS[name]:
        return INFO
    if name in HARMLESS or name.startswith((*DOORS, *API_DOORS)):
        return INFO if role == "postgres" and name == "search_path" else HIGH
    if values <= TELLING.get(name, set()):
        return LOW
    return _grade_timeout(change) if name.endswith("_timeout") else INFO


def _name_holder(change: Change) -> str:
    facts = change.facts
    return (
        "the server" if facts["place"] == "server" else "the database" if facts["role"] == "*" else str(facts["role"])
    )


def _say_configuration(change: Change) -> str | None:
    if change.facts["place"] != "server":
        return None
    return f"The server's own configuration sets {change.facts['name']}: take it out there, where the server is hosted."


_UNITS = {"": 0.001, "us": 0.000001, "ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}
LONGEST, SHORTEST = 300, 0.5  # seconds; a request that takes longer is lost anyway, and a usual one takes some time


def _grade_timeout(change: Change) -> Severity:
    """Grade a limit of time: as good as none where the rules want one, or one that no request can keep."""
    parts = re.fullmatch(r"(\d+)\s*(\w*)", change.found.get("value", "0"))
    seconds = int(parts[1]) * _UNITS.get(parts[2], 0) if parts else 0
    if 0 < seconds < SHORTEST and change.facts["name"] in ("statement_timeout", "transaction_timeout"):
        return MEDIUM
    return LOW if change.expected and not 0 < seconds <= LONGEST else INFO


# Settings that tell more than they should: what people wrote, in the server's log; the server's plans, to visitors.
# A database that refuses writes by itself is told as well.
TELLING = {
    "log_statement": {"all", "mod"},
    "log_min_duration_statement": {"0", "0ms", "0s"},
    "pgaudit.log_parameter": {"on", "true", "1", "yes"},
    "pgrst.db_plan_enabled": {"on", "true", "1", "yes"},
    "pgrst.openapi_mode": {"ignore-privileges"},
    "default_transaction_read_only": {"on", "true", "1", "yes"},
}


def _grade_served(schemas: set[str]) -> Severity:
    """Grade what the Data API serves: what is ours alone must not be; what stands in others is told as strangers."""
    if schemas & set(SCHEMAS) or "public" not in schemas:
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
        }
        | {
            limit: Aspect(
                severity=_grade_limit,
                why="The Data API logs in as this role for everybody: without its connections nobody reaches anything.",
                repair=grants.lift_limit,
            )
            for limit in ("connections", "expires")
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
            decide=_say_configuration,
        ),
        aspects={
            **dict.fromkeys(("role", "place", "name"), FOLLOWS),
            "value": Aspect(
                severity=_grade_setting,
                why="Every session begins with another {name} than the rules were built on.",
                repair=grants.set_setting,
            ),
        },
        subject=_name_holder,
    ),
)
