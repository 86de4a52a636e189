"""Repairs of privileges, roles, settings and publications."""

from typing import Any

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
    """Write a revoke, also of privileges that were passed on."""
    columns, place = _place(facts)
    option = "grant option for " if option_only else ""
    what = f"{option}{facts['privilege'].lower()}{columns}"
    return _on_database(facts, f"revoke {what} on {place} from {write_name(facts['grantee'])} cascade;")


def act_as(grantor: str, statement: str) -> str:
    """Return a statement that runs as the grantor, because only the grantor can revoke a grant."""
    quoted = f"$do$ declare before text := current_setting('role'); begin\n  set local role {write_name(grantor)};\n  "
    return f"do {quoted}{statement}\n  perform set_config('role', before, true);\nend $do$;"


def by_grantors(facts: dict[str, Any], statement: str) -> list[str]:
    """Return a statement once for each grantor: as the owner, and as each other grantor."""
    others = facts.get("grantors") or []
    own = [statement] if not others or facts.get("owned") else []
    return [*own, *(act_as(grantor, statement) for grantor in others)]


def say_grantors(facts: dict[str, Any]) -> str | None:
    """Name the grantors who must revoke a privilege, if the owner did not grant it."""
    others = facts.get("grantors") or []
    if not others:
        return None
    names = " and ".join(others)
    return f"{names} granted it, and only a grantor can revoke it. Run the repair as a role that may act as {names}."


def _on_database(facts: dict[str, Any], statement: str) -> str:
    """Insert the database's name, which is only known when the statement runs."""
    if facts["place"] != "database":
        return statement
    text = statement.replace("database database", "database %I").removesuffix(";")
    return f"do $do$ begin execute format('{text}', current_database()); end $do$;"
