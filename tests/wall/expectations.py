"""What each role may do, computed from the rules alone: nothing here is kept by hand."""

from collections.abc import Iterator
from dataclasses import dataclass

from lab.rules import RULES
from lab.rules.derived import granted_columns
from lab.rules.model import Command, Function, Role, Table, View
from lab.sql.access import SCHEMA_USERS, operator_view

VIEWS: tuple[View, ...] = (*(operator_view(table) for table in RULES.tables), *RULES.views)
WRITES = (Command.INSERT, Command.UPDATE)
COMMANDS = (Command.SELECT, *WRITES, Command.DELETE)


@dataclass(frozen=True)
class Reach:
    """What one role may do with one table by one command: all columns, some, or none."""

    table: Table
    command: Command
    columns: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Tell whether the command is granted on the table as a whole, future columns included."""
        return self.columns == tuple(column.name for column in self.table.columns)


def reach(role: str, table: Table, command: Command) -> Reach:
    """Return what a role may do with a table, by the table's grants."""
    names: set[str] = set()
    for grant in table.grants:
        if grant.role.id == role and command in grant.commands:
            names |= set(granted_columns(table, grant) or [column.name for column in table.columns])
    return Reach(table, command, tuple(column.name for column in table.columns if column.name in names))


def policy_expression(role: str, table: Table, command: Command) -> str:
    """Return the condition on rows that a role sees by a command; service_role skips row-level security."""
    if role == "service_role":
        return "true"
    found = [p.using for p in table.policies if p.role.id == role and p.command is command and p.using]
    return " or ".join(f"({expression})" for expression in found) or "false"


def may_call(role: str, function: Function) -> bool:
    """Tell whether a role may call a function: granted execute, and its schema open to the role."""
    return role in {one.id for one in function.execute} and role in SCHEMA_USERS[function.db_schema]


def table_privileges(role: Role) -> Iterator[tuple[str, str, str]]:
    """Yield every table, column and privilege that a role has: the whole list, and nothing beside it."""
    for table in RULES.tables:
        for command in COMMANDS:
            for column in reach(role.id, table, command).columns:
                yield table.qualified, column, command.value
    for view in VIEWS:
        if view.role is role:
            yield view.qualified, "*", "select"


def called(function: Function) -> str:
    """Return a call of a function with nothing but nulls."""
    nulls = ", ".join(f"null::{argument.type}" for argument in function.arguments)
    return f"select {'' if function.returns == 'trigger' else '* from '}{function.qualified}({nulls})"
