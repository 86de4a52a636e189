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


def _on_database(facts: dict[str, Any], statement: str) -> str:
    """Insert the database's name, which is only known when the statement runs."""
    if facts["place"] != "database":
        return statement
    text = statement.replace("database database", "database %I").removesuffix(";")
    return f"do $do$ begin execute format('{text}', current_database()); end $do$;"
