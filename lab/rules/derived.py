"""What follows from a table's declaration: constraints, triggers, views and column lists that nobody writes by hand."""

from collections.abc import Iterator

from lab.rules.currencies import CURRENCIES
from lab.rules.functions.triggers import refuse_future, refuse_illegal_move, refuse_rewrite, refuse_value
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
    """Return the declared checks and those that follow: allowed values, what a state needs, steps of a currency."""
    states = (check for column in table.columns for check in _state_checks(table, column))
    amounts = (_amount_check(column) for column in amount_columns(table))
    return (*(_allowed_check(column) for column in table.columns if column.allowed), *states, *amounts, *table.checks)


def _allowed_check(column: Column) -> Check:
    return Check(
        name=f"{column.name}_allowed",
        expression=f"{column.name} in ({quote_all(column.allowed)})",
        why=f"The only values that {column.name} may hold.",
    )


def _state_checks(table: Table, column: Column) -> Iterator[Check]:
    """Yield in which states a column must hold a value, and in which it must not."""
    if table.state and column.needed_in:
        yield Check(
            name=f"{column.name}_needed",
            expression=f"{table.state.name} not in ({quote_all(column.needed_in)}) or {column.name} is not null",
            why=f"{_list_states(column.needed_in).capitalize()} needs {column.name}.",
        )
    if table.state and column.only_in:
        yield Check(
            name=f"{column.name}_only",
            expression=f"{column.name} is null or {table.state.name} in ({quote_all(column.only_in)})",
            why=f"Only {_list_states(column.only_in)} has {column.name}.",
        )


def amount_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns that hold an amount in a currency's smallest unit."""
    return tuple(column for column in table.columns if column.name.endswith("_minor"))


def _amount_check(column: Column) -> Check:
    """Return the check that an amount is one that its currency has, as Stripe takes it."""
    steps = sorted({currency.step for currency in CURRENCIES if currency.step > 1})
    rounded = (
        f"(currency not in ({quote_all(tuple(c.id for c in CURRENCIES if c.step == step))})"
        f" or {column.name} % {step} = 0)"
        for step in steps
    )
    return Check(
        name=f"{column.name}_fits_currency",
        expression=" and ".join(rounded),
        why="Stripe takes some currencies in steps alone: the last digits are nought.",
    )


def guarded_texts(tables: tuple[Table, ...]) -> Iterator[tuple[Table, Column]]:
    """Yield the texts of a person that no AI may repeat to somebody else: every secret text beside its subject."""
    for table in tables:
        if any(column.name == "subject_id" for column in table.columns):
            secrets = (c for c in table.columns if c.privacy is PrivacyClass.SECRET and c.type == "text")
            yield from ((table, column) for column in secrets)


def words_expression(column: str, *, every: bool) -> str:
    """Return the SQL that digests a text's words: as they are indexed, or every run of them to be looked up."""
    return f"wall.word_digests({column}, {str(every).lower()})"


def _list_states(states: tuple[str, ...]) -> str:
    return f"a row that is {' or '.join(states)}"


def all_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the declared triggers and those that follow from the columns: what is fixed, first states, moves and dates."""
    return (*table.triggers, *derived_triggers(table))


def derived_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the triggers that follow from the columns: what is fixed, first states, moves and dates."""
    fixed = tuple(column for column in table.columns if column.fixed or _blanked_only(column))
    states = [column for column in table.columns if column.moves]
    return (
        *((_fixed_trigger(table, fixed),) if fixed else ()),
        *_values_trigger(table),
        *_past_trigger(table),
        *(_starts_trigger(table, column) for column in states if column.starts),
        *(_moves_trigger(table, column) for column in states),
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


def _values_trigger(table: Table) -> Iterator[Trigger]:
    """Yield the trigger that says when a value is set, keeps what was written once, and numbers that only grow."""
    held = [column for column in table.columns if column.set_in or column.once or column.grows]
    if held:
        names = ", ".join(column.name for column in held)
        wrong = " or ".join(condition for column in held for condition in _wrong_values(table, column))
        why = "A value is set in its states alone and stays as it was written."
        yield before(f"{table.id}_values", "update", refuse_value, why, names, when=wrong)


def _wrong_values(table: Table, column: Column) -> Iterator[str]:
    old, new, state = f"old.{column.name}", f"new.{column.name}", f"new.{table.state.name}" if table.state else ""
    if column.set_in:
        yield f"{old} is null and {new} is not null and {state} not in ({quote_all(column.set_in)})"
    if column.once:
        kept = f" and {state} not in ({quote_all(column.cleared_in)})" if column.cleared_in else ""
        yield f"{old} <> {new} or {old} is not null and {new} is null{kept}"
    if column.grows:
        yield f"{new} < {old}"


def _past_trigger(table: Table) -> Iterator[Trigger]:
    """Yield the trigger that holds moments to the database's clock."""
    moments = [column.name for column in table.columns if column.past]
    ahead = [f"new.{name} > clock_timestamp() or new.{name} < new.created_at" for name in moments]
    if moments:
        why = "A moment that has come is not ahead, and not before the row was written."
        yield before(
            f"{table.id}_past", "insert or update", refuse_future, why, ", ".join(moments), when=" or ".join(ahead)
        )


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
