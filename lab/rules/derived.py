"""What follows from a table's declaration: constraints, triggers, views and column lists that nobody writes by hand."""

from lab.rules.functions.triggers import refuse_illegal_move, refuse_rewrite
from lab.rules.model import Check, Column, Command, EraseAction, Function, Grant, PrivacyClass, Table, Trigger
from lab.rules.words import before, trigger_function

CHECKER = "check_"  # begins the name of a table's checking function
LAST = "zz_"  # begins the name of the trigger that fires last: before-triggers follow the order of their names

PRIVATE_CLASSES = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
OPERATOR_CLASSES = (PrivacyClass.OPERATIONAL, PrivacyClass.FINANCIAL)


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_all(texts: tuple[str, ...]) -> str:
    """Return texts as a comma-separated list of SQL literals."""
    return ", ".join(quote(text) for text in texts)


def all_checks(table: Table) -> tuple[Check, ...]:
    """Return the declared checks and those that follow from allowed values and forms."""
    return (
        *(_allowed_check(column) for column in table.columns if column.allowed),
        *(_form_check(column, column.form) for column in table.columns if column.form),
        *table.checks,
    )


def _form_check(column: Column, form: str) -> Check:
    why = f"A short text of a closed form: no sentence, address or name fits into {column.name}."
    return Check(name=f"{column.name}_form", expression=f"{column.name} ~ {quote(form)}", why=why)


def _allowed_check(column: Column) -> Check:
    return Check(
        name=f"{column.name}_allowed",
        expression=f"{column.name} in ({quote_all(column.allowed)})",
        why=f"The only values that {column.name} may hold.",
    )


def all_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the declared triggers and those that follow from columns, states and constraints."""
    return (*table.triggers, *derived_triggers(table))


def derived_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the triggers that follow from fixed columns, first states, moves and constraints."""
    fixed = tuple(column for column in table.columns if column.fixed or _blanked_only(column))
    states = [column for column in table.columns if column.moves]
    return (
        *((_fixed_trigger(table, fixed),) if fixed else ()),
        *(_starts_trigger(table, column) for column in states if _later_states(column)),
        *(_moves_trigger(table, column) for column in states),
        _check_trigger(table),
    )


def _blanked_only(column: Column) -> bool:
    """Tell whether a column names a person and may be filled or blanked, but never given to somebody else."""
    return column.names_subject and column.erase is EraseAction.SET_NULL


def _fixed_trigger(table: Table, fixed: tuple[Column, ...]) -> Trigger:
    changed = " or ".join(
        f"old.{column.name} {'<>' if _blanked_only(column) else 'is distinct from'} new.{column.name}"
        for column in fixed
    )
    why = "What identifies a row never changes; a different thing is a different row."
    names = ", ".join(column.name for column in fixed)
    return before(f"{table.id}_fixed", "update", refuse_rewrite, why, names, when=changed)


def _later_states(column: Column) -> tuple[str, ...]:
    """Return the states that no new row begins in; none when it may begin in any."""
    return tuple(state for state in column.allowed if column.starts and state not in column.starts)


def _starts_trigger(table: Table, column: Column) -> Trigger:
    return before(
        f"{table.id}_{column.name}_starts",
        "insert",
        refuse_illegal_move,
        f"A new row begins as {' or '.join(column.starts)}.",
        column.name,
        when=f"new.{column.name} in ({quote_all(_later_states(column))})",
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
        when=f"{old} <> {new} and {new} in ({quote_all(column.allowed)}) and ({old}, {new}) not in ({moves})",
    )


def check_function(table: Table) -> Function:
    """Return the function that tries a table's constraints on a row, before Postgres does and quotes the row."""
    why = f"Refuses a row of {table.id} that breaks a constraint, under the constraint's name and without its values."
    return trigger_function(f"{CHECKER}{table.id}", why, derived=True)


def _check_trigger(table: Table) -> Trigger:
    """Return the trigger that runs it, when every other trigger has filled in the row."""
    why = "A refused row is not quoted: Postgres itself would print all of it, into the log as well."
    return before(f"{LAST}{CHECKER}{table.id}", "insert or update", check_function(table), why)


def private_columns(table: Table) -> tuple[Column, ...]:
    """Return the secret and personal columns: Postgres keeps no statistics over them, which hold whole values."""
    return tuple(column for column in table.columns if column.privacy in PRIVATE_CLASSES)


def granted_columns(table: Table, grant: Grant) -> tuple[str, ...]:
    """Return the columns a grant names; people who read a table never see its machinery. Empty for all columns."""
    internal = any(column.internal for column in table.columns)
    if grant.columns or grant.commands != (Command.SELECT,) or grant.role.id == "service_role" or not internal:
        return grant.columns
    return tuple(column.name for column in table.columns if not column.internal)


def operator_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that an operator may see, by their privacy class."""
    return tuple(c.name for c in table.columns if c.privacy in OPERATOR_CLASSES and not c.internal)
