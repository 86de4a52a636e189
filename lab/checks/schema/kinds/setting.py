"""How settings of roles and of the database are compared."""

from lab.checks.schema.aspects import FOLLOWS
from lab.checks.schema.catalogue import EXPOSED
from lab.checks.schema.kind import Aspect, Change, Kind
from lab.checks.schema.queries import read_query
from lab.checks.schema.redaction import VALUE, hide_setting
from lab.checks.schema.repairs.undo import write_value
from lab.checks.schema.severity import HIGH, INFO, LOW, MEDIUM
from lab.checks.settings import find_effect, read_seconds
from lab.rules.derived import quote
from lab.rules.model import Severity
from lab.sql.access import SCHEMAS
from lab.sql.tokens import write_name
from lab.text.secret_patterns import HIDDEN

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
    "session_replication_role": {"origin", "local"},
    "row_security": {"on", "true", "1", "yes"},
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
        return INFO if name == "search_path" and (role == "postgres" or _is_ordinary(change, role, values)) else HIGH
    if values <= TELLING.get(name, set()):
        return LOW
    if effect := find_effect(name, change.found.get("value", "")):
        return effect.severity
    return LOW if change.expected and name.endswith("_timeout") and not _is_limited(change) else INFO


def _say_effect(change: Change) -> str:
    effect = find_effect(change.facts["name"], change.found.get("value", ""))
    if effect:
        return f"Every session starts with {{name}} set. {effect.why}"
    if change.expected:
        return "Every session starts with another {name} than the rules declare."
    return "Every session starts with {name} set. This can change what names, policies or triggers do."


# The platform's servers find their own tables by this path.
_SERVERS = ("supabase_auth_admin", "supabase_storage_admin")


def _is_ordinary(change: Change, role: str, schemas: set[str]) -> bool:
    """Tell whether a search_path has `public`, and only schemas in which undeclared roles cannot create objects.

    Declared functions set their own search_path; a function without one is a separate finding.
    """
    used = role not in _SERVERS and "public" in schemas
    return used and not change.found.get("open") and not schemas & set(SCHEMAS)


def _name_holder(change: Change) -> str:
    facts = change.facts
    return (
        "the server" if facts["place"] == "server" else "the database" if facts["role"] == "*" else str(facts["role"])
    )


def _say_configuration(change: Change) -> str | None:
    if change.facts["place"] != "server":
        return None
    return f"The server's own configuration sets {change.facts['name']}. Remove it there, where the server is hosted."


LONGEST = 300  # seconds; a longer request is lost anyway


def _is_limited(change: Change) -> bool:
    """Tell whether a declared time limit is set, and is not longer than a request can last."""
    return 0 < (read_seconds(change.found.get("value", "0")) or 0) <= LONGEST


# Settings of the Data API that show visitors query plans, or schemas that they may not use.
TELLING = {
    "pgrst.db_plan_enabled": {"on", "true", "1", "yes"},
    "pgrst.openapi_mode": {"ignore-privileges"},
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


def bring_setting_back(change: Change) -> str | None:
    """Return the SQL that sets a setting again; if its value is not shown, the SQL prints that statement."""
    facts, reset = change.found, set_setting(change)
    if reset is None:
        return None
    to = f"set {facts['name']} = {write_value(facts)}"
    role = "0" if facts["role"] == "*" else f"{quote(facts['role'])}::regrole"
    place = "0" if facts["place"] == "*" else "(select oid from pg_database where datname = current_database())"
    whose = (
        "alter role %s"
        if facts["role"] != "*"
        else "alter role all"
        if facts["place"] == "*"
        else "alter database %2$I"
    )
    within = " in database %2$I" if facts["role"] != "*" and facts["place"] != "*" else ""
    query = (
        f"select format('{whose.replace('%s', '%1$s')}{within} set {facts['name']} = %3$L;', setrole::regrole, "
        f"current_database(), substr(line, strpos(line, '=') + 1)) from pg_db_role_setting, unnest(setconfig) as line "
        f"where (setrole, setdatabase) = ({role}, {place}) and line like {quote(facts['name'] + '=%')};"
    )
    return (
        query
        if HIDDEN in facts["value"] or facts["value"] == VALUE
        else reset.replace(f"reset {facts['name']}", _nest(reset, to))
    )


def _nest(statement: str, text: str) -> str:
    return text.replace("'", "''") if statement.startswith("do ") else text


KIND = Kind(
    name="setting",
    plural="settings",
    title="A setting of a role or the database is not as the rules make it",
    means=(
        "A setting of a role or of the database changes how the rules work: time limits, search paths, logs, "
        "or the platform's own settings."
    ),
    example="alter role anon set log_statement = 'all';",
    accept="When it only changes speed, such as work_mem, or lowers a time limit.",
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
        why=_say_effect,
        repair=set_setting,
        undo=bring_setting_back,
        decide=_say_configuration,
    ),
    aspects={
        **dict.fromkeys(("role", "place", "name", "open"), FOLLOWS),
        "value": Aspect(
            severity=_grade_setting,
            why=_say_effect,
            repair=set_setting,
        ),
    },
    subject=_name_holder,
)
