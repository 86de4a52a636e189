"""How much harm a difference can do: from the privacy classes of what it touches and from who gains by it."""

import re
from functools import lru_cache

from lab.rules import RULES
from lab.rules.model import PrivacyClass, Severity, Table

PRIVATE = frozenset({PrivacyClass.SECRET, PrivacyClass.PERSONAL})
ANYBODY = frozenset({"public", "anon"})
WATCHED = frozenset({*(role.id for role in RULES.roles), "authenticator"})
# Roles that the platform brings and manages by itself; `postgres` can change none of them.
PLATFORM = re.compile(r"^(supabase_\w+|pg_\w+|dashboard_user|pgbouncer|pgtle_admin|cli_login_\w+)$")

CRITICAL, HIGH, MEDIUM, LOW, INFO = Severity

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
    """Return the privacy classes that a relation, or one column of it, holds."""
    table, parts = find_table(subject), subject.split(".")
    if parts[0] == "ai":
        return PRIVATE
    if table is None or parts[0] != "public":
        return frozenset({PrivacyClass.OPERATIONAL})
    named = [column for column in table.columns if len(parts) < 3 or column.name == parts[2]]
    return frozenset(column.privacy for column in named or table.columns)


def is_private(subject: str) -> bool:
    """Tell whether a relation or column holds secret or personal fields."""
    return bool(classes_of(subject) & PRIVATE)


def is_platform(role: str) -> bool:
    """Tell whether the platform brings a role."""
    return bool(PLATFORM.match(role))


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
    """Grade a gate that stands open: row-level security off, a policy that lets more through."""
    return CRITICAL if is_private(subject) else HIGH
