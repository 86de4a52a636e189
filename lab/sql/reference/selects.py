"""How a person reads their rows: the same columns in SQL and in supabase-js. Pure."""

from lab.access.matrix import reach
from lab.rules import RULES
from lab.rules.model import Command, Table
from lab.rules.roles import authenticated


def list_owned() -> tuple[Table, ...]:
    """Return the tables of which a person reads rows through the Data API."""
    return tuple(table for table in RULES.tables if readable_columns(table))


def readable_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that a person may read."""
    return reach(authenticated.id, table, Command.SELECT).columns


def select_sql(table: Table) -> str:
    """Return the statement that reads a person's rows: the columns that they may read, the newest rows first."""
    names = readable_columns(table)
    order = " order by created_at desc" if "created_at" in names else ""
    return f"select {', '.join(names)}\n  from {table.qualified}\n{order} limit 10;".replace("\n limit", " limit")


def select_javascript(table: Table) -> str:
    """Return the same in supabase-js."""
    names = readable_columns(table)
    order = "\n  .order('created_at', { ascending: false })" if "created_at" in names else ""
    select = f"\n  .select('{', '.join(names)}')"
    return f"const {{ data, error }} = await person\n  .from('{table.id}'){select}{order}\n  .limit(10);"
