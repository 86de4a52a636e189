"""Grades a difference by the privacy classes that it concerns and the roles that gain by it, and finds its chapter."""

from functools import lru_cache

from lab.rules import RULES
from lab.rules.model import PrivacyClass, Severity, Table

PRIVATE = frozenset({PrivacyClass.SECRET, PrivacyClass.PERSONAL})
ANYBODY = frozenset({"public", "anon"})
WATCHED = frozenset({*(role.id for role in RULES.roles), "authenticator"})
# Roles that the platform brings and manages; `postgres` can change none of them. They are listed by name, because
# anybody who may create roles may name one supabase_anything.
# Source: github.com/supabase/postgres, migrations/db and nix/tests/expected (roles.out, z_17_roles.out).
PLATFORM = frozenset(
    {
        "cli_login_postgres",
        "cli_login_supabase_read_only_user",
        "dashboard_user",
        "pgbouncer",
        "pgsodium_keyholder",
        "pgsodium_keyiduser",
        "pgsodium_keymaker",
        "pgtle_admin",
        "supabase_admin",
        "supabase_auth_admin",
        "supabase_etl_admin",
        "supabase_functions_admin",
        "supabase_privileged_role",
        "supabase_read_only_user",
        "supabase_realtime_admin",
        "supabase_replication_admin",
        "supabase_storage_admin",
        "supabase_superuser",
    }
)
# Powers that the platform itself gives to its roles.
PLATFORM_ABOVE = {
    "dashboard_user": {"createrole", "replication"},
    "supabase_admin": {"superuser", "bypassrls", "createrole", "replication"},
    "supabase_auth_admin": {"createrole"},
    "supabase_etl_admin": {"bypassrls", "replication"},
    "supabase_functions_admin": {"createrole"},
    "supabase_read_only_user": {"bypassrls"},
    "supabase_realtime_admin": {"createrole", "replication"},
    "supabase_replication_admin": {"replication"},
    "supabase_storage_admin": {"createrole"},
}
# Server parameters that the platform lets its roles set: role, parameter. Realtime reads changes without log lines.
PLATFORM_PARAMETERS = {("supabase_realtime_admin", "log_min_messages")}
# Members of these roles can read or write whatever the rules grant.
POWERS = frozenset(
    {
        "postgres",
        "service_role",
        "supabase_admin",
        "supabase_auth_admin",
        "pg_read_all_data",
        "pg_write_all_data",
        "pg_read_server_files",
        "pg_write_server_files",
        "pg_execute_server_program",
        "pg_create_subscription",
        "pg_maintain",
    }
)
# Members of these roles cannot read rows, but can observe or disturb other sessions.
# Source: Postgres documentation, "Predefined Roles".
OBSERVERS = {
    "pg_checkpoint": "It can start checkpoints, which slow the server down.",
    "pg_monitor": "It can read the statements of every session, with the private words in them.",
    "pg_read_all_settings": "It can read every setting, including restricted ones.",
    "pg_read_all_stats": "It can read the statements of every session, with the private words in them.",
    "pg_signal_autovacuum_worker": "It can cancel autovacuum, so that tables grow.",
    "pg_signal_backend": "It can end other sessions, including those of the queue's worker.",
    "pg_stat_scan_tables": "It can run statistics that lock tables for a long time, including the queue.",
    "pg_use_reserved_connections": "It can take the connections that are reserved for emergencies.",
}

KEPT = ("auth", "vault", "storage")  # schemas where the platform keeps accounts, keys and files
FEWEST_CONNECTIONS = 5  # connections; the Data API's pool needs them to serve more than one visitor at a time

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

SCHEMA, ACCESS = 2, 11  # the chapters of findings without a closer one
READS = {"SELECT"}
WRITES = {"INSERT", "UPDATE", "DELETE"}


@lru_cache(maxsize=1)
def _tables() -> dict[str, Table]:
    return {table.qualified: table for table in RULES.tables}


def find_table(subject: str) -> Table | None:
    """Return the declared table that a subject is, or is inside of: its column, view or sequence."""
    parts = subject.split("(")[0].split(".")
    return _tables().get(".".join(parts[:2])) or _tables().get(f"public.{parts[1]}" if len(parts) > 1 else "")


def classes_of(subject: str) -> frozenset[PrivacyClass]:
    """Return the privacy classes of a relation, or of one column of it."""
    table, parts = find_table(subject), subject.split(".")
    if parts[0] in ("ai", *KEPT):
        return PRIVATE
    if table is None or parts[0] != "public":
        return frozenset({PrivacyClass.OPERATIONAL})
    named = [column for column in table.columns if len(parts) < 3 or column.name == parts[2]]
    return frozenset(column.privacy for column in named or table.columns)


def is_private(subject: str) -> bool:
    """Tell whether a relation or column holds secret or personal fields."""
    return bool(classes_of(subject) & PRIVATE)


def is_platform(role: str) -> bool:
    """Tell whether a role belongs to the platform, or to Postgres, which reserves names that begin with pg_."""
    return role in PLATFORM or role.startswith("pg_")


# Schemas of the platform, some with grants to everybody.
PLATFORM_SCHEMAS = frozenset(
    (
        "auth",
        "cron",
        "extensions",
        "graphql",
        "graphql_public",
        "net",
        "realtime",
        "storage",
        "supabase_functions",
        "vault",
    )
)


def is_of_platform(name: str, owner: str) -> bool:
    """Tell whether an object is in one of the platform's schemas and owned by one of its roles."""
    return name.partition(".")[0] in PLATFORM_SCHEMAS and is_platform(owner)


def grade_access(subject: str, grantee: str, privilege: str) -> Severity:
    """Grade a privilege on a table, view or column that the rules do not give."""
    private = is_private(subject)
    if privilege == "TRUNCATE" and grantee in WATCHED | ANYBODY:
        return CRITICAL  # row-level security never applies to it
    if grantee in ANYBODY | {"ai_worker", "oracle_operator"} and privilege in READS:
        return CRITICAL if private else HIGH
    if grantee in ANYBODY | {"authenticated"} and privilege in READS | WRITES | {"TRIGGER"}:
        return HIGH
    if grantee in WATCHED:
        return HIGH if privilege in WRITES else MEDIUM
    return HIGH if private and privilege in READS | WRITES else MEDIUM


def grade_gate(subject: str) -> Severity:
    """Grade open access to rows: row-level security is off, or a policy lets more rows through."""
    return CRITICAL if is_private(subject) else HIGH


@lru_cache(maxsize=1)
def _carriers() -> dict[str, int]:
    return {name: chapter.number for chapter in reversed(RULES.chapters) for name in chapter.carried_by}


def find_chapter(family: str, subject: str) -> int:
    """Return the number of the chapter that an object is a rule of, or that its table belongs to most closely."""
    carried = _carriers().get(name_of(subject))
    if carried is not None:
        return carried
    if family != "schema":
        return ACCESS
    table = find_table(subject)
    holding = [c for c in RULES.chapters if table in c.tables and c.number not in (1, SCHEMA)]
    return min(holding, key=lambda c: (len(c.tables), c.number)).number if table and holding else SCHEMA


def name_of(subject: str) -> str:
    """Return the last part of a subject: the name of a column, constraint, trigger or function."""
    return subject.split("(")[0].rpartition(".")[2]


def worst(*severities: Severity) -> Severity:
    """Return the worst of several severities."""
    return min(severities, key=tuple(Severity).index)
