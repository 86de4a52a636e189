"""Writes the TypeScript types of the database, in the shape of `supabase gen types typescript`. Pure."""

import re
from collections.abc import Iterable, Iterator

from lab.access.matrix import reach
from lab.rules import RULES
from lab.rules.model import Argument, Column, Command, Function, Table
from lab.rules.roles import ai_worker, anon, authenticated, oracle_operator, service_role
from lab.sql.functions import function_body
from lab.sql.reference.calls import CLIENT_SETTINGS, returns_rows, row_columns, write_javascript
from lab.sql.reference.example import Example, Topic, show
from lab.sql.reference.limits import find_limit, may_be_null
from lab.sql.reference.selects import list_owned, select_javascript
from lab.sql.tables import reference_name

MADE = "Made from the rules by `python -m lab reference --out docs/reference`."
API_ROLES = (anon, authenticated, service_role, ai_worker, oracle_operator)

_TYPES = {
    "boolean": "boolean",
    "bigint": "number",
    "integer": "number",
    "smallint": "number",
    "jsonb": "Json",
    "text": "string",
    "uuid": "string",
    "bytea": "string",
    "timestamptz": "string",
    "xid8": "string",
}

_HEAD = f"""// {MADE}
// Dates are ISO 8601 strings, and bytea is a string of `\\x` and hexadecimal digits. A bigint is a number: ids stay
// below 2^53.

export type Json = string | number | boolean | null | {{ [key: string]: Json | undefined }} | Json[]

export type Database = {{
  __InternalSupabase: {{
    PostgrestVersion: "13"
  }}
  public: {{
"""


def write_types(topics: Iterable[Topic]) -> str:
    """Return the file of types, to be used with `createClient<Database>()`."""
    examples = sorted((example for topic in topics for example in topic.examples), key=lambda one: one.function.id)
    lines = ["    Tables: {", *(line for table in list_tables() for line in _write_table(table)), "    }"]
    lines += ["    Views: {", "      [_ in never]: never", "    }"]
    lines += ["    Functions: {", *(line for one in examples for line in _write_function(one.function, one)), "    }"]
    for kind in ("Enums", "CompositeTypes"):
        lines += [f"    {kind}: {{", "      [_ in never]: never", "    }"]
    return _HEAD + "\n".join([*lines, "  }", "}"]) + "\n"


def list_functions() -> tuple[Function, ...]:
    """Return the functions that the Data API offers to a role, in the order of their names."""
    found = [one for one in RULES.functions if one.db_schema == "public" and one.execute]
    return tuple(sorted(found, key=lambda one: one.id))


def list_tables() -> tuple[Table, ...]:
    """Return the tables that a role reads through the Data API."""
    return tuple(t for t in RULES.tables if any(reach(r.id, t, Command.SELECT).columns for r in API_ROLES))


def write_type(sql: str, values: tuple[str, ...] = ()) -> str:
    """Return the TypeScript type of a Postgres type; listed values become a union.

    Raises:
        KeyError: The type has no counterpart yet.
    """
    if sql.endswith("[]"):
        inner = write_type(sql[:-2], values)
        return f"({inner})[]" if " | " in inner else f"{inner}[]"
    return " | ".join(f'"{value}"' for value in values) if values and sql == "text" else _TYPES[sql]


def _write_table(table: Table) -> Iterator[str]:
    inserted = {name for role in API_ROLES for name in reach(role.id, table, Command.INSERT).columns}
    changed = {name for role in API_ROLES for name in reach(role.id, table, Command.UPDATE).columns}
    yield f"      {table.id}: {{"
    yield from ("        Row: {", *(_write_column(column) for column in table.columns), "        }")
    yield from _write_part("Insert", [c for c in table.columns if c.name in inserted and is_writable(c)], table)
    yield from _write_part("Update", [c for c in table.columns if c.name in changed and is_writable(c)], None)
    yield from ("        Relationships: [", *_write_relations(table), "        ]", "      }")


def _write_part(name: str, columns: list[Column], table: Table | None) -> Iterator[str]:
    if not columns:
        yield f"        {name}: Record<string, never>"
        return
    yield f"        {name}: {{"
    yield from (_write_column(c, optional=table is None or not is_required(table, c)) for c in columns)
    yield "        }"


def _write_column(column: Column, *, optional: bool = False) -> str:
    null = " | null" if column.nullable else ""
    return f"          {column.name}{'?' if optional else ''}: {write_type(column.type, column.allowed)}{null}"


def is_writable(column: Column) -> bool:
    """Tell whether a statement may give a value to a column; some are set by the database alone."""
    return not column.identity and column.generated is None and column.set_by is None


def is_required(table: Table, column: Column) -> bool:
    """Tell whether an insert must give a value to a column: it has no default, and no trigger fills it in."""
    filled = {
        name
        for trigger in table.triggers
        if trigger.timing == "before" and "insert" in trigger.events
        for name in (*trigger.arguments, *_assigned(trigger.function))
    }
    return not column.nullable and column.default is None and column.name not in filled


def _assigned(function: Function) -> set[str]:
    """Return the columns of the new row that a trigger's function sets, and not only changes."""
    found = re.findall(r"\bnew\.(\w+) := ([^;]*);", function_body(function))
    return {name for name, value in found if f"new.{name}" not in value or value.startswith(f"coalesce(new.{name},")}


def _write_relations(table: Table) -> Iterator[str]:
    readable = {one.id: one for one in list_tables()}
    for column in table.foreign_keys:
        target = column.references.table if column.references else None
        if isinstance(target, Table) and target.id in readable and column.references:
            pairs = [(column.name, column.references.target_key), *column.references.along]
            alone = any(i.unique and i.columns == (column.name,) and not i.where for i in table.indexes)
            yield "          {"
            yield f'            foreignKeyName: "{reference_name(table, column)}"'
            yield f"            columns: {_list_names(mine for mine, _ in pairs)}"
            yield f"            isOneToOne: {str(alone).lower()}"
            yield f'            referencedRelation: "{target.id}"'
            yield f"            referencedColumns: {_list_names(theirs for _, theirs in pairs)}"
            yield "          },"


def _list_names(names: Iterable[str]) -> str:
    return "[" + ", ".join(f'"{name}"' for name in names) + "]"


def _write_function(function: Function, example: Example) -> Iterator[str]:
    yield f"      {function.id}: {{"
    if function.arguments:
        yield from ("        Args: {", *(_write_argument(function, one) for one in function.arguments), "        }")
    else:
        yield "        Args: never"
    yield from (f"        Returns: {write_return(example)}", "      }")


def _write_argument(function: Function, argument: Argument) -> str:
    optional = "?" if argument.default is not None else ""
    null = " | null" if may_be_null(argument) else ""
    values = find_limit(function, argument).values
    return f"          {argument.name}{optional}: {write_type(argument.type, values)}{null}"


def write_return(example: Example) -> str:
    """Return the TypeScript type of what a function returns."""
    function = example.function
    if columns := row_columns(function):
        nullable = set(example.nullable) | {name for row in show(example.answer) for name in row if row[name] is None}
        parts = (f"{name}: {write_type(type)}{' | null' * (name in nullable)}" for name, type in columns)
        return f"{{ {'; '.join(parts)} }}[]"
    if returns_rows(function):
        return f"{write_type(function.returns.removeprefix('setof '))}[]"
    return write_type(function.returns, tuple(example.words)) + " | null" * bool(example.nothing_because)


_EXAMPLES_HEAD = f"""// {MADE}
// Every example of the reference, as a function. `tsc --strict` accepts this file with the types beside it.

import {{ createClient }} from "@supabase/supabase-js";
import type {{ Database, Json }} from "./database.types";

declare const process: {{ env: Record<string, string> }};

"""


def write_examples(topics: Iterable[Topic]) -> str:
    """Return the file of all examples, each with the type of its answer."""
    clients = [f"export const {name} = createClient<Database>({given});" for name, given in CLIENT_SETTINGS.items()]
    parts = [_write_example(example) for topic in topics for example in topic.examples]
    return _EXAMPLES_HEAD + "\n".join([*clients, "", *parts, *map(_write_reading, list_owned())])


def _write_example(example: Example) -> str:
    name, answer = example.function.id, f"const answer: {write_return(example)} = data;"
    return _write_body(name, write_javascript(example), answer, "return answer;")


def _write_reading(table: Table) -> str:
    return _write_body(f"read_{table.id}", select_javascript(table), "return data;")


def _write_body(name: str, call: str, *rest: str) -> str:
    lines = (*call.splitlines(), "if (error) throw error;", *rest)
    return "\n".join([f"export async function {name}() {{", *(f"  {line}" for line in lines), "}", ""])
