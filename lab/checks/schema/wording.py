"""Words for Postgres's letters and values."""

from typing import Any

# Words for the letters of Postgres's catalogue, by fact.
# Source: Postgres documentation of pg_class, pg_proc, pg_attribute and pg_trigger.
FORMS = {"r": "table", "p": "partitioned table", "f": "foreign table", "v": "view", "m": "materialized view"}
ROUTINES = {"f": "function", "p": "procedure", "a": "aggregate", "w": "window function"}
LETTERS = {
    "enabled": {
        "A": "always enabled",
        "O": "enabled, but not while a session plays replica",
        "R": "enabled only while a session plays replica",
        "D": "disabled",
    },
    "form": {**FORMS, "S": "sequence"},
    "generated": {"s": "stored", "v": "virtual"},
    "identity": {"a": "always", "d": "by default"},
    "parallel": {"s": "safe", "r": "restricted", "u": "unsafe"},
    "persistence": {"p": "permanent", "u": "unlogged", "t": "temporary"},
    "replica_identity": {"f": "the whole old row", "i": "an index", "n": "nothing"},
    "volatility": {"i": "immutable", "s": "stable", "v": "volatile"},
}


def say_value(value: Any) -> str:
    """Describe one value."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    return "none" if value is None else str(value)
