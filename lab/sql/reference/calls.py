"""Writes an example as a call: in SQL by named notation, and in supabase-js. Pure."""

import json
import re
from collections.abc import Mapping
from typing import Any

from lab.rules.derived import quote
from lab.rules.model import Function
from lab.rules.roles import ai_worker, anon, authenticated, service_role
from lab.sql.reference.example import Example, show

CLIENTS = {
    anon.id: "visitor",
    authenticated.id: "person",
    service_role.id: "server",
    ai_worker.id: "ai",
}
"""The name of the supabase-js client of each role, in the examples."""

_URL, _KEY = "process.env.NEXT_PUBLIC_SUPABASE_URL", "process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY"
CLIENT_SETTINGS = {
    "visitor": f"{_URL}, {_KEY}",
    "person": f"{_URL}, {_KEY}",
    "server": f"{_URL}, process.env.SUPABASE_SERVICE_ROLE_KEY",
    "ai": f"{_URL}, {_KEY}, {{ accessToken: async () => process.env.AI_WORKER_TOKEN }}",
}
"""What each client of the examples is made of."""


def write_sql(example: Example, values: Mapping[str, Any] | None = None) -> str:
    """Return an example's call in SQL.

    Args:
        example: The example.
        values: Values of this run in the place of those that an earlier call returned.
    """
    types = {one.name: one.type for one in example.function.arguments}
    given = {name: (values or {}).get(name, show(value)) for name, value in example.arguments.items()}
    parts = [f"{name} => {write_literal(value, types[name])}" for name, value in given.items()]
    call = f"{example.function.qualified}({', '.join(parts)})"
    if len(call) > 80:
        call = "\n".join([f"{example.function.qualified}(", ",\n".join(f"  {part}" for part in parts), ")"])
    return f"select {'* from ' if returns_rows(example.function) else ''}{call};"


def write_literal(value: Any, type: str) -> str:
    """Return a value as SQL that a function's argument of this type accepts."""
    if value is None or isinstance(value, bool | int):
        return json.dumps(value)  # null, true, false and numbers are the same in both
    if isinstance(value, list | tuple) and type.endswith("[]"):
        return f"array[{', '.join(write_literal(one, type[:-2]) for one in value)}]::{type}"
    return quote(value if isinstance(value, str) else json.dumps(value))


def write_javascript(example: Example) -> str:
    """Return an example's call in supabase-js, with the client of its role."""
    call = f"await {CLIENTS[example.role.id]}.rpc('{example.function.id}'"
    given = show(example.arguments)
    if not given:
        return f"const {{ data, error }} = {call});"
    return f"const {{ data, error }} = {call}, {write_object(given)});"


def write_object(value: Any, indent: str = "") -> str:
    """Return a value as TypeScript; objects at the outside have a line for each key."""
    if isinstance(value, dict):
        inner = indent + "  "
        lines = [f"{inner}{name}: {_inline(part)}," for name, part in value.items()]
        return "{\n" + "\n".join(lines) + f"\n{indent}}}"
    return _inline(value)


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{name}: {_inline(part)}" for name, part in value.items()) + " }"
    if isinstance(value, list):
        return f"[{', '.join(map(_inline, value))}]"
    return json.dumps(value, ensure_ascii=False)


def returns_rows(function: Function) -> bool:
    """Tell whether a function returns rows, and not one value."""
    return function.returns.startswith(("table(", "setof "))


def row_columns(function: Function) -> list[tuple[str, str]]:
    """Return the names and types of the columns of the rows that a function returns."""
    found = re.fullmatch(r"table\((.*)\)", function.returns)
    return [(name, type) for name, _, type in (part.partition(" ") for part in found[1].split(", "))] if found else []
