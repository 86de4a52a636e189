"""Writes the page of the tables: what a person reads of them, what the server writes, and what is hidden. Pure."""

from collections.abc import Iterator

from lab.access.matrix import reach
from lab.rules.model import Column, Command, PrivacyClass, Table
from lab.rules.roles import authenticated, service_role
from lab.sql.reference.selects import list_owned, readable_columns, select_javascript, select_sql
from lab.sql.reference.typescript import is_required, is_writable, list_tables

_INTRO = """
Row-level security decides which rows a person reads; grants decide which columns. The server (`service_role`) bypasses
row-level security, so for it grants and triggers decide. No role deletes a row: `erase_subject` does that for a whole
person. `anon` reads no table. The schema `public` has no views; those of `operations` are for operators, and
`ai.briefs` is for the process that calls the AI.

Where columns are hidden from a person, name the columns: `select('*')` is refused with `42501`.
"""


def write_tables(made: str) -> str:
    """Return the page of the tables that the Data API shows to a person or to the server."""
    lines = ["# Tables", "", made, _INTRO, "## Read by a person", ""]
    mine = list_owned()
    lines += [line for table in mine for line in _write_table(table)]
    lines += ["## Read by the server alone", "", "| table | holds | the server may |", "|---|---|---|"]
    lines += [_write_row(table) for table in list_tables() if table not in mine]
    return "\n".join(lines).rstrip() + "\n"


def _write_table(table: Table) -> Iterator[str]:
    hidden = [column.name for column in table.columns if column.name not in readable_columns(table)]
    policy = next(p for p in table.policies if p.role is authenticated and p.command is Command.SELECT)
    yield from (f"### {table.id}", "", table.description, "")
    yield from (f"**Which rows:** {policy.why} (`{policy.using}`)", "")
    if hidden:
        yield from (f"**Hidden from a person:** {', '.join(f'`{name}`' for name in hidden)}.", "")
    yield from (f"**The server may** {_list_commands(table)}.", "")
    yield from ("| column | type | class | what it is | in an insert |", "|---|---|---|---|---|")
    yield from (_write_column(table, column) for column in table.columns)
    yield from ("", "```sql", select_sql(table), "```", "", "```ts", select_javascript(table), "```", "")


def _write_column(table: Table, column: Column) -> str:
    null = " or null" if column.nullable else ""
    values = f" One of {', '.join(f'`{value}`' for value in column.allowed)}." if column.allowed else ""
    told = f"{column.why}{values}".replace("|", "\\|")
    facts = (f"`{column.name}`", f"`{column.type}`{null}", column.privacy.value, told, _insertion(table, column))
    return f"| {' | '.join(facts)} |"


def _insertion(table: Table, column: Column) -> str:
    if column.name not in reach(service_role.id, table, Command.INSERT).columns or not is_writable(column):
        return "set by the database"
    if is_required(table, column):
        return "required"
    return f"`{column.default}`" if column.default else "may be left out"


def _write_row(table: Table) -> str:
    private = " It holds private fields." if _is_private(table) else ""
    return f"| `{table.id}` | {table.description.replace('|', chr(92) + '|')}{private} | {_list_commands(table)} |"


def _is_private(table: Table) -> bool:
    return any(c.privacy in (PrivacyClass.SECRET, PrivacyClass.PERSONAL) for c in table.columns)


def _list_commands(table: Table) -> str:
    commands = (Command.SELECT, Command.INSERT, Command.UPDATE)
    found = [c.value for c in commands if reach(service_role.id, table, c).columns]
    return ", ".join(found)
