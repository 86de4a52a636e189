"""What follows from a table's declaration: constraints, triggers, views and column lists that nobody writes by hand."""

from lab.rules.functions.triggers import (
    refuse_illegal_move,
    refuse_rewrite,
    require_consent,
    require_consent_at_commit,
    require_own,
)
from lab.rules.model import Check, Column, Command, EraseAction, Grant, PrivacyClass, Table, Trigger
from lab.rules.words import at_commit, before

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
    """Return the declared triggers and those that follow from columns, references, states and consents."""
    return (*table.triggers, *derived_triggers(table))


def derived_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the triggers that follow from fixed columns, references, first states, moves and gates on a consent."""
    fixed = tuple(column for column in table.columns if column.fixed or _blanked_only(column))
    states = [column for column in table.columns if column.moves]
    return (
        *((_fixed_trigger(table, fixed),) if fixed else ()),
        *(_starts_trigger(table, column) for column in states if column.starts),
        *(_moves_trigger(table, column) for column in states),
        *((_own_trigger(table),) if own_references(table) else ()),
        *(_commit_trigger(trigger) for trigger in table.triggers if trigger.function is require_consent),
    )


def list_subjects(table: Table) -> tuple[Column, ...]:
    """Return the columns that say whose a row is: the one that always does, or all that may."""
    naming = tuple(column for column in table.columns if column.names_subject)
    always = tuple(column for column in naming if not column.nullable)
    return always or naming


def own_references(table: Table) -> tuple[Column, ...]:
    """Return the columns of a person's row that must point at what is the same person's."""
    if not list_subjects(table):
        return ()
    return tuple(column for column in table.columns if _points_at_owned(column))


def _points_at_owned(column: Column) -> bool:
    if column.references is None or column.references.own_by is not None:
        return False
    return isinstance(column.references.table, Table) and bool(list_subjects(column.references.table))


def _own_trigger(table: Table) -> Trigger:
    names = ", ".join(column.name for column in (*own_references(table), *list_subjects(table)))
    why = "A row points at what is its subject's own, whoever writes it."
    pointed = " or ".join(f"new.{column.name} is not null" for column in own_references(table))
    # Named to run first: somebody else's thing is refused as that, whatever else the row lacks.
    return before(f"a_{table.id}_own", f"insert or update of {names}", require_own, why, when=pointed)


def _commit_trigger(gate: Trigger) -> Trigger:
    """Return the trigger that asks for a gate's consent once more, when nothing can be written any more."""
    why = "The consent is asked for once more as the row is committed."
    name = f"{gate.name}_at_commit"
    return at_commit(name, gate.events, require_consent_at_commit, why, *gate.arguments, when=gate.when)


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
