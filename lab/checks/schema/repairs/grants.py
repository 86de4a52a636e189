"""Repairs of privileges, roles, settings and publications."""

from typing import Any

from lab.checks.schema.compare import Change
from lab.sql.tokens import split_name, write_name


def _place(facts: dict[str, Any]) -> tuple[str, str]:
    """Return the columns in brackets, and the object, as GRANT writes them."""
    if facts["place"] == "column":
        relation, column = split_name(facts["object"])
        return f" ({column})", f"table {relation}"
    return "", f"{facts['place']} {facts['object']}"


def give(facts: dict[str, Any]) -> str:
    """Write a grant."""
    columns, place = _place(facts)
    option = " with grant option" if facts["grantable"] else ""
    return _on_database(
        facts, f"grant {facts['privilege'].lower()}{columns} on {place} to {write_name(facts['grantee'])}{option};"
    )


def take(facts: dict[str, Any], *, option_only: bool = False) -> str:
    """Write a revoke, of what was passed on as well."""
    columns, place = _place(facts)
    option = "grant option for " if option_only else ""
    what = f"{option}{facts['privilege'].lower()}{columns}"
    return _on_database(facts, f"revoke {what} on {place} from {write_name(facts['grantee'])} cascade;")


def _on_database(facts: dict[str, Any], statement: str) -> str:
    """Put in the database's own name, which only the database knows."""
    if facts["place"] != "database":
        return statement
    text = statement.replace("database database", "database %I").removesuffix(";")
    return f"do $do$ begin execute format('{text}', current_database()); end $do$;"


def give_missing(change: Change) -> str:
    """Grant what the rules grant."""
    return give(change.wanted)


def take_extra(change: Change) -> str:
    """Revoke what the rules do not grant; what goes with it is granted again, column by column."""
    facts = change.found
    lines = [take(facts)]
    if facts["place"] == "table":
        lines += [give(f) for f in change.rules.of("privilege").values() if _inside(f, facts)]
    return "\n".join(lines)


def _inside(column: dict[str, Any], table: dict[str, Any]) -> bool:
    """Tell whether a column's privilege goes when the table's is revoked."""
    same = column["grantee"] == table["grantee"] and column["privilege"] == table["privilege"]
    return column["place"] == "column" and same and bool(split_name(column["object"])[0] == table["object"])


def set_option(change: Change) -> str:
    """Take away, or give, the right to pass a privilege on."""
    return give(change.wanted) if change.wanted["grantable"] else take(change.found, option_only=True)


def set_default(change: Change) -> str:
    """Take back what would be granted to everything made from now on."""
    facts = change.facts
    place = f" in schema {facts['schema']}" if facts.get("schema") else ""
    start = f"alter default privileges for role {write_name(facts['owner'])}{place}"
    what = f"{facts['privilege'].lower()} on {facts['form']}"
    if change.expected is None:
        return f"{start} revoke {what} from {write_name(facts['grantee'])} cascade;"
    lines = [f"{start} grant {what} to {write_name(facts['grantee'])};"]
    if not facts["grantable"]:
        lines.insert(0, f"{start} revoke grant option for {what} from {write_name(facts['grantee'])} cascade;")
    return "\n".join(lines)


def set_attribute(change: Change) -> str:
    """Give a role the attribute that it must have, or take it away."""
    word = change.aspect if change.wanted[change.aspect] else f"no{change.aspect}"
    return f"alter role {write_name(change.name)} {word};"


def lift_limit(change: Change) -> str:
    """Let a role connect as often, and for as long, as it needs to."""
    limit = "connection limit -1" if change.aspect == "connections" else "valid until 'infinity'"
    return f"alter role {write_name(change.name)} {limit};"


def set_database(change: str) -> str:
    """Write a change of the database, whose own name only the database knows."""
    return f"do $do$ begin execute format('alter database %I {change}', current_database()); end $do$;"


def join_role(change: Change) -> str:
    """Make a role a member again."""
    return f"grant {change.facts['role']} to {change.facts['member']};"


def leave_role(change: Change) -> str:
    """End a membership."""
    return f"revoke {change.facts['role']} from {change.facts['member']} cascade;"


def set_membership(change: Change) -> str | None:
    """Give a membership its option, or end it; before 16, whether it inherits is an attribute of the member."""
    role, member = change.facts["role"], change.facts["member"]
    if change.aspect == "admin":
        if change.wanted["admin"]:
            return f"grant {role} to {member} with admin option;"
        return f"revoke admin option for {role} from {member} cascade;"
    if change.rules.major < 16:
        return None
    return f"grant {role} to {member} with {change.aspect} {str(change.wanted[change.aspect]).lower()};"


def set_setting(change: Change) -> str | None:
    """Set or reset what a role or the database starts its sessions with; the server's own file is out of reach."""
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


def leave_publication(change: Change) -> str:
    """Take a table out of a publication, or make one that holds all tables publish nothing."""
    facts = change.found
    if facts["through"] == "table":
        return f"alter publication {write_name(facts['publication'])} drop table {facts['relation']};"
    if facts["through"] == "schema":
        return f"alter publication {write_name(facts['publication'])} drop tables in schema {facts['relation']};"
    return f"alter publication {write_name(facts['publication'])} set (publish = '');"


def stop_subscription(change: Change) -> str | None:
    """Stop a subscription; where it stands it can be looked at, and what it brought stays."""
    return f"alter subscription {write_name(change.name)} disable;" if change.found["enabled"] else None
