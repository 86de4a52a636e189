"""How settings of roles and of the database are compared."""

import re

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.catalogue import EXPOSED
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.redaction import hide_setting
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM
from lab.rules.model import Severity
from lab.sql.access import SCHEMAS
from lab.sql.tokens import write_name

# Settings of a role or database that decide what a policy, a name or a write means.
GUARDED = ("row_security", "session_replication_role", "search_path", "role", "request.", "lab.", "storage.")


# Such settings of the Data API: who a visitor is, what runs before each request, whether a write is kept.
# Source: PostgREST's documentation, "Configuration".
API_GUARDED = (
    "pgrst.db_pre_request",
    "pgrst.jwt_aud",
    "pgrst.jwt_role_claim_key",
    "pgrst.jwt_secret",
    "pgrst.db_tx_end",
)


# Harmless values of settings of which every other value is a finding. The Data API passes these on to each request.
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


def _grade_setting(change: Change) -> Severity:
    """Grade a setting: one that changes what policies, names or writes mean, or a limit that was removed."""
    facts = change.facts
    name, role = facts["name"], facts["role"]
    values = {value.strip().strip('"') for value in change.found.get("value", "").split(",")}
    if name == "pgrst.db_schemas":
        return _grade_served(values)
    if name == "pgrst.db_extra_search_path":
        return HIGH if values & set(SCHEMAS) else INFO
    if name in HARMLESS and values <= HARMLESS[name]:
        return INFO
    if name in HARMLESS or name.startswith((*GUARDED, *API_GUARDED)):
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
    return f"The server's own configuration sets {change.facts['name']}. Remove it there, where the server is hosted."


_UNITS = {"": 0.001, "us": 0.000001, "ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86400}


LONGEST, SHORTEST = 300, 0.5  # seconds; a longer request is lost anyway, and a usual one needs at least the shortest


def _grade_timeout(change: Change) -> Severity:
    """Grade a time limit: so long that it limits nothing, or so short that every request fails."""
    parts = re.fullmatch(r"(\d+)\s*(\w*)", change.found.get("value", "0"))
    seconds = int(parts[1]) * _UNITS.get(parts[2], 0) if parts else 0
    if 0 < seconds < SHORTEST and change.facts["name"] in ("statement_timeout", "transaction_timeout"):
        return MEDIUM
    return LOW if change.expected and not 0 < seconds <= LONGEST else INFO


# Values of settings that reveal too much: people's text in the server's log, or the server's plans to visitors. A
# database that refuses writes by default is a low finding, too.
TELLING = {
    "log_statement": {"all", "mod"},
    "log_min_duration_statement": {"0", "0ms", "0s"},
    "pgaudit.log_parameter": {"on", "true", "1", "yes"},
    "pgrst.db_plan_enabled": {"on", "true", "1", "yes"},
    "pgrst.openapi_mode": {"ignore-privileges"},
    "default_transaction_read_only": {"on", "true", "1", "yes"},
}


def _grade_served(schemas: set[str]) -> Severity:
    """Grade the schemas that the Data API serves; objects in schemas that are not ours have findings of their own."""
    if schemas & set(SCHEMAS) or "public" not in schemas:
        return HIGH
    return MEDIUM if schemas - set(EXPOSED) else INFO


def set_setting(change: Change) -> str | None:
    """Set or reset a setting of a role or the database; one in the server's own file can't be changed by SQL."""
    facts, name = change.facts, change.facts["name"]
    if facts["place"] == "server":
        return None
    to = f"set {name} = ''{change.wanted['value']}''" if change.expected else f"reset {name}"
    if facts["place"] == "*" and facts["role"] != "*":
        return f"alter role {write_name(facts['role'])} {to};".replace("''", "'")
    start = "alter database %I" if facts["role"] == "*" else f"alter role {write_name(facts['role'])} in database %I"
    if facts["place"] == "*":
        return f"alter role all {to};".replace("''", "'")
    return f"do $do$ begin execute format('{start} {to}', current_database()); end $do$;"


KIND = Kind(
    name="setting",
    plural="settings",
    title="A setting of a role or the database is not as the rules make it",
    query=read_query("setting"),
    say=lambda facts: f"{facts['name']} = {facts['value']}",
    hide=hide_setting,
    family="access",
    stage=4,
    missing=Aspect(
        severity=_grade_setting,
        why="The limit is missing, so one request can block the database.",
        repair=set_setting,
    ),
    extra=Aspect(
        severity=_grade_setting,
        why="Every session starts with {name} set. This can change what names, policies or triggers do.",
        repair=set_setting,
        decide=_say_configuration,
    ),
    aspects={
        **dict.fromkeys(("role", "place", "name"), FOLLOWS),
        "value": Aspect(
            severity=_grade_setting,
            why="Every session starts with another {name} than the rules say.",
            repair=set_setting,
        ),
    },
    subject=_name_holder,
)
