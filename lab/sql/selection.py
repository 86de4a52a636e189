"""The SQL of one table, and of one scenario with all tables that it refers to."""

from lab.plan.make import Plan
from lab.rules import RULES
from lab.rules.model import Table
from lab.sql.access import access_statements, operator_view, trigger_statements, view_statements
from lab.sql.tables import table_statements


def table_sql(table: Table) -> str:
    """Return a table's own SQL: its columns, constraints, indexes, triggers, policies, grants and operator view."""
    statements = [
        *table_statements(table),
        *trigger_statements(table),
        *access_statements(table),
        *view_statements(operator_view(table)),
    ]
    return "\n\n".join(statements) + "\n"


def scenario_sql(plan: Plan) -> str:
    """Return the SQL of a scenario's tables and of the tables that those point at.

    The functions that its triggers call are those of the whole schema: `whole_sql` has them.
    """
    named = {line.name for line in plan.tables}
    needed = _with_targets({table.id for table in RULES.tables if table.qualified in named})
    tables = [table for table in RULES.tables if table.id in needed]
    return "\n".join(_heading(table, table.qualified in named) + table_sql(table) for table in tables)


def _with_targets(ids: set[str]) -> set[str]:
    """Return the tables and, step by step, every table that they point at."""
    targets = {
        column.references.table.id
        for table in RULES.tables
        if table.id in ids
        for column in table.columns
        if column.references and isinstance(column.references.table, Table)
    }
    return ids if targets <= ids else _with_targets(ids | targets)


def _heading(table: Table, chosen: bool) -> str:
    reason = "" if chosen else " (not selected, but another selected table refers to it)"
    return f"-- {table.qualified}{reason}\n\n"
