"""What follows from a table's declaration: constraints, triggers, views and column lists that nobody writes by hand."""

from lab.rules.functions.triggers import refuse_erased, refuse_illegal_move, refuse_rewrite
from lab.rules.model import Check, Column, Command, EraseAction, Grant, PrivacyClass, Table, Trigger
from lab.rules.words import before

OPERATOR_CLASSES = (PrivacyClass.OPERATIONAL, PrivacyClass.FINANCIAL)


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_all(texts: tuple[str, ...]) -> str:
    """Return texts as a comma-separated list of SQL literals."""
    return ", ".join(quote(text) for text in texts)


def all_checks(table: Table) -> tuple[Check, ...]:
    """Return the declared checks and those that follow from allowed values."""
    return (*(_allowed_check(column) for column in table.columns if column.allowed), *table.checks)


def _allowed_check(column: Column) -> Check:
    return Check(
        name=f"{column.name}_allowed",
        expression=f"{column.name} in ({quote_all(column.allowed)})",
        why=f"The only values that {column.name} may hold.",
    )


def all_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the declared triggers and those that follow from the columns."""
    return (*table.triggers, *derived_triggers(table))


def derived_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the triggers that follow from people, fixed columns, first states and moves."""
    fixed = tuple(column for column in table.columns if column.fixed or _blanked_only(column))
    subjects = [column for column in table.columns if column.names_subject]
    states = [column for column in table.columns if column.moves]
    return (
        *(_erased_trigger(table, column) for column in subjects),
        *((_fixed_trigger(table, fixed),) if fixed else ()),
        *(_starts_trigger(table, column) for column in states if column.starts),
        *(_moves_trigger(table, column) for column in states),
    )


def _erased_trigger(table: Table, column: Column) -> Trigger:
    return before(
        f"{table.id}_{column.name}_erased",
        f"insert or update of {column.name}",
        refuse_erased,
        "Nothing is written for a person whose data was erased.",
        column.name,
        when=f"new.{column.name} is not null",
    )


def _blanked_only(column: Column) -> bool:
    """Tell whether a column names a person and may be filled, but is blanked by their erasure alone."""
    return column.names_subject and column.erase is EraseAction.SET_NULL


def _fixed_trigger(table: Table, fixed: tuple[Column, ...]) -> Trigger:
    changed = " or ".join(
        f"old.{column.name} is distinct from new.{column.name}"
        + (f" and old.{column.name} is not null" if _blanked_only(column) else "")
        for column in fixed
    )
    why = "What identifies a row never changes; a different thing is a different row."
    names = ", ".join(column.name for column in fixed)
    people = (column.name for column in table.columns if column.names_subject)
    return before(f"{table.id}_fixed", "update", refuse_rewrite, why, names, *people, when=changed)


def _starts_trigger(table: Table, column: Column) -> Trigger:
    return before(
        f"{table.id}_{column.name}_starts",
        "insert",
        refuse_illegal_move,
        f"A new row begins as {' or '.join(column.starts)}.",
        column.name,
        when=f"new.{column.name} not in ({quote_all(column.starts)})",
    )


def _moves_trigger(table: Table, column: Column) -> Trigger:
    moves = ", ".join(f"({quote(origin)}, {quote(to)})" for origin, to in column.moves)
    old, new = f"old.{column.name}", f"new.{column.name}"
    return before(
        f"{table.id}_{column.name}_moves",
        "update",
        refuse_illegal_move,
        "A state only moves the way its rules allow, whoever writes it.",
        column.name,
        when=f"{old} is distinct from {new} and ({old}, {new}) not in ({moves})",
    )


def granted_columns(table: Table, grant: Grant) -> tuple[str, ...]:
    """Return the columns a grant names; people who read a table never see its machinery. Empty for all columns."""
    internal = any(column.internal for column in table.columns)
    if grant.columns or grant.commands != (Command.SELECT,) or grant.role.id == "service_role" or not internal:
        return grant.columns
    return tuple(column.name for column in table.columns if not column.internal)


def operator_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that an operator may see, by their privacy class."""
    return tuple(c.name for c in table.columns if c.privacy in OPERATOR_CLASSES and not c.internal)
