"""Constraints, triggers, views and column lists that are derived from a table's declaration."""

from collections.abc import Iterator

from lab.rules.constructors import after, at_commit, before
from lab.rules.currencies import CURRENCIES
from lab.rules.function_constructors import trigger_function
from lab.rules.functions.triggers import (
    list_stored_file,
    refuse_future,
    refuse_illegal_move,
    refuse_removal,
    refuse_rewrite,
    refuse_value,
    require_consent,
    require_consent_at_commit,
    require_own,
)
from lab.rules.model import Check, Column, Command, EraseAction, Function, Grant, PrivacyClass, Table, Trigger

CHECK_PREFIX = "check_"  # prefix of the name of a table's checking function
ERASED_PREFIX = "refuse_erased_"  # prefix of the name of the function that checks a column's person
LAST_PREFIX = "zz_"  # prefix of the trigger that fires last: before-triggers fire in the order of their names

PRIVATE_CLASSES = (PrivacyClass.SECRET, PrivacyClass.PERSONAL)
OPERATOR_CLASSES = (PrivacyClass.OPERATIONAL, PrivacyClass.FINANCIAL)


def quote(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote_all(texts: tuple[str, ...]) -> str:
    """Return texts as a comma-separated list of SQL literals."""
    return ", ".join(quote(text) for text in texts)


def quote_array(texts: tuple[str, ...]) -> str:
    """Return plain words as one SQL literal, which Postgres parses faster in a condition than several."""
    return quote("{" + ",".join(texts) + "}")


def all_checks(table: Table) -> tuple[Check, ...]:
    """Return the declared checks and the derived ones: values, forms, what a state needs, steps of a currency."""
    return (
        *(_allowed_check(column) for column in table.columns if column.allowed and not _is_checked_otherwise(column)),
        *(_form_check(column, column.form) for column in table.columns if column.form),
        *(check for column in table.columns for check in _state_checks(table, column)),
        *(_amount_check(column) for column in amount_columns(table)),
        *table.checks,
    )


def _is_checked_otherwise(column: Column) -> bool:
    """Tell whether a declared check or trigger restricts the values; Postgres parses each check for every statement."""
    return bool(column.closed_by or column.compared_by)


def _form_check(column: Column, form: str) -> Check:
    why = f"{column.name} has a fixed form, in which no sentence, address or name fits."
    return Check(name=f"{column.name}_form", expression=f"{column.name} ~ {quote(form)}", why=why)


def _allowed_check(column: Column) -> Check:
    return Check(
        name=f"{column.name}_allowed",
        expression=f"{column.name} = any ({quote_array(column.allowed)})",
        why=f"{column.name} holds one of the listed values.",
    )


def _state_checks(table: Table, column: Column) -> Iterator[Check]:
    """Yield the checks on the states in which a column must hold a value, and those in which it may."""
    if table.state and column.needed_in:
        yield Check(
            name=f"{column.name}_needed",
            expression=f"{table.state.name} not in ({quote_all(column.needed_in)}) or {column.name} is not null",
            why=f"{_list_states(column.needed_in).capitalize()} has a value in {column.name}.",
        )
    if table.state and column.only_in:
        yield Check(
            name=f"{column.name}_only",
            expression=f"{column.name} is null or {table.state.name} in ({quote_all(column.only_in)})",
            why=f"Only {_list_states(column.only_in)} has a value in {column.name}.",
        )


def amount_columns(table: Table) -> tuple[Column, ...]:
    """Return the columns that hold an amount in a currency's smallest unit."""
    return tuple(column for column in table.columns if column.name.endswith("_minor"))


def _amount_check(column: Column) -> Check:
    """Return the check that an amount is a multiple of its currency's step at Stripe."""
    steps = sorted({currency.step for currency in CURRENCIES if currency.step > 1})
    rounded = (
        f"(currency not in ({quote_all(tuple(c.id for c in CURRENCIES if c.step == step))})"
        f" or {column.name} % {step} = 0)"
        for step in steps
    )
    return Check(
        name=f"{column.name}_fits_currency",
        expression=" and ".join(rounded),
        why="Amounts in some currencies are multiples of 10 or 100, because Stripe requires it.",
    )


DIGESTS = {"text": "word_digests", "jsonb": "json_digests"}


def secret_texts(tables: tuple[Table, ...]) -> Iterator[tuple[Table, Column]]:
    """Yield the columns that no AI may repeat to another person: the secret ones of tables with a subject."""
    for table in tables:
        if any(column.name == "subject_id" for column in table.columns):
            yield from ((table, column) for column in table.columns if column.privacy is PrivacyClass.SECRET)


def digest_expression(column: Column, *, every: bool, of: str = "") -> str:
    """Return the SQL that digests a column's words: as they are indexed, or every run of words for a search.

    Raises:
        KeyError: There is no digest function for the column's type.
    """
    return f"wall.{DIGESTS[column.type]}({of}{column.name}, {str(every).lower()})"


def _list_states(states: tuple[str, ...]) -> str:
    return f"a row that is {' or '.join(states)}"


def all_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the declared triggers and the ones derived from columns, references, states and consents."""
    return (*table.triggers, *derived_triggers(table))


def derived_triggers(table: Table) -> tuple[Trigger, ...]:
    """Return the triggers derived from fixed columns, references, first states, moves and required consents."""
    fixed = tuple(column for column in table.columns if column.fixed or _erased_to_null(column))
    subjects = [column for column in table.columns if column.names_subject]
    states = [column for column in table.columns if column.moves]
    return (
        *_removal_triggers(table),
        *(_erased_trigger(table, column) for column in subjects),
        *((_fixed_trigger(table, fixed),) if fixed else ()),
        *_values_trigger(table),
        *_past_trigger(table),
        *(_starts_trigger(table, column) for column in states if _later_states(column)),
        *(_moves_trigger(table, column) for column in states),
        *((_own_trigger(table),) if own_references(table) else ()),
        *(_file_trigger(table, column) for column in table.columns if column.stored_file),
        *(_commit_trigger(trigger) for trigger in table.triggers if trigger.function is require_consent),
        *((_check_trigger(table),) if not table.quotes_no_text else ()),
    )


def list_subjects(table: Table) -> tuple[Column, ...]:
    """Return the columns that name the row's person: the required one, or all optional ones."""
    naming = tuple(column for column in table.columns if column.names_subject)
    always = tuple(column for column in naming if not column.nullable)
    return always or naming


def own_references(table: Table) -> tuple[Column, ...]:
    """Return the columns that must refer to rows of the same person."""
    if not list_subjects(table):
        return ()
    return tuple(column for column in table.columns if _refers_to_owned(column))


def _refers_to_owned(column: Column) -> bool:
    if column.references is None or column.references.own_by is not None:
        return False
    return isinstance(column.references.table, Table) and bool(list_subjects(column.references.table))


def _own_trigger(table: Table) -> Trigger:
    names = tuple(column.name for column in (*own_references(table), *list_subjects(table)))
    why = "A row can only refer to rows of the same person."
    # Its name makes it run first, so that a row of another person is reported before any other fault.
    return before(f"a_{table.id}_own", "insert or update", require_own, why, of=names)


def _commit_trigger(consent_check: Trigger) -> Trigger:
    """Return the trigger that checks the same consent again at commit, after every write."""
    why = "The consent is checked again at commit."
    name = f"{consent_check.name}_at_commit"
    return at_commit(
        name,
        consent_check.events,
        require_consent_at_commit,
        why,
        *consent_check.arguments,
        of=consent_check.columns,
        when=consent_check.when,
    )


def paths_to_person(table: Table) -> Iterator[str]:
    """Yield the ways from a row that an erasure deletes to its person: "column", or "column table.column"."""
    for column in table.columns:
        if column.references is None or column.erase is not EraseAction.DELETE_ROW:
            continue
        target = column.references.table
        if column.names_subject:
            yield column.name
        elif isinstance(target, Table):
            owners = [c.name for c in target.columns if c.names_subject and c.erase is EraseAction.DELETE_ROW]
            yield from (f"{column.name} {target.id}.{owner}" for owner in owners)


def _removal_triggers(table: Table) -> tuple[Trigger, ...]:
    why = "Rows are deleted only by the erasure of their person."
    recorded = (f"={table.recorded_in}",) if table.recorded_in else ()
    if recorded:
        why = f"Rows are deleted only by the erasure of their person, or when a row of {table.recorded_in} stands for them."
    return (
        before(f"{table.id}_kept", "delete", refuse_removal, why, *recorded, *paths_to_person(table)),
        Trigger(
            name=f"{table.id}_kept_all",
            timing="before",
            events="truncate",
            level="statement",
            function=refuse_removal,
            why="TRUNCATE is refused for every role.",
        ),
    )


def _erased_trigger(table: Table, column: Column) -> Trigger:
    why = "Nothing is written for a person whose data was erased."
    name = f"{table.id}_{column.name}_erased"
    return before(name, "insert or update", erased_function(column.name), why, of=(column.name,))


def erased_function(column: str) -> Function:
    """Return the function that checks the person in a column; one for all, with an argument, would be slower."""
    why = f"Refuses rows whose {column} is an erased person, also from a late worker or an old token."
    return trigger_function(f"{ERASED_PREFIX}{column}", why, derived=True)


def _file_trigger(table: Table, column: Column) -> Trigger:
    why = "A file that the row no longer refers to is listed for deletion in storage."
    name, columns = f"{table.id}_{column.name}_listed", (column.name,)
    return after(name, "insert or update", list_stored_file, why, *columns, of=columns)


def _erased_to_null(column: Column) -> bool:
    """Tell whether a column names a person and only an erasure sets it to null."""
    return column.names_subject and column.erase is EraseAction.SET_NULL


def _fixed_trigger(table: Table, fixed: tuple[Column, ...]) -> Trigger:
    changed = " or ".join(
        f"old.{column.name} is distinct from new.{column.name}"
        + (f" and old.{column.name} is not null" if column.filled_later else "")
        for column in fixed
    )
    why = "These columns never change once the row is written, except by an erasure."
    names = tuple(column.name for column in fixed)
    arguments = (", ".join(names), *(column.name for column in table.columns if column.names_subject))
    return before(f"{table.id}_fixed", "update", refuse_rewrite, why, *arguments, of=names, when=changed)


def _later_states(column: Column) -> tuple[str, ...]:
    """Return the states in which no new row may start; none when it may start in any."""
    return tuple(state for state in column.allowed if column.starts and state not in column.starts)


def _values_trigger(table: Table) -> Iterator[Trigger]:
    """Yield the trigger on values that are set only in some states, never change once set, or never decrease."""
    held = [column for column in table.columns if column.set_in or column.once or column.grows]
    if held:
        names = tuple(column.name for column in held)
        wrong = " or ".join(condition for column in held for condition in _wrong_values(table, column))
        why = "Each of these columns is set only in certain states, and then never changes or never decreases."
        yield before(f"{table.id}_values", "update", refuse_value, why, ", ".join(names), of=names, when=wrong)


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
    """Yield the trigger that compares times with the database's clock."""
    moments = [column.name for column in table.columns if column.past]
    ahead = [f"new.{name} > clock_timestamp() or new.{name} < new.created_at" for name in moments]
    if moments:
        why = "These times are neither in the future nor before the row was created."
        name, names, wrong = f"{table.id}_past", ", ".join(moments), " or ".join(ahead)
        yield before(name, "insert or update", refuse_future, why, names, of=tuple(moments), when=wrong)


def _starts_trigger(table: Table, column: Column) -> Trigger:
    return before(
        f"{table.id}_{column.name}_starts",
        "insert",
        refuse_illegal_move,
        f"A new row starts as {' or '.join(column.starts)}.",
        *_move_arguments(column),
        when=f"new.{column.name} <> all ({quote_array(column.starts)})",
    )


def _moves_trigger(table: Table, column: Column) -> Trigger:
    return before(
        f"{table.id}_{column.name}_moves",
        "update",
        refuse_illegal_move,
        "The state changes only as the rules allow, for every role.",
        *_move_arguments(column),
        of=(column.name,),
        when=f"old.{column.name} <> new.{column.name}{_unusual(column)}",
    )


def _unusual(column: Column) -> str:
    """Return the rest of the condition that lets usual moves pass without a call."""
    usual = tuple(f"{origin}>{to}" for origin, to in column.usual_moves)
    return f" and old.{column.name} || '>' || new.{column.name} <> all ({quote_array(usual)})" if usual else ""


def _move_arguments(column: Column) -> tuple[str, ...]:
    """Return the column and its legal moves, with first states as moves from nothing; a condition would be slower."""
    begins = (("", state) for state in column.starts or column.allowed)
    return (column.name, *(f"{origin}>{to}" for origin, to in (*begins, *column.moves)))


def check_function(table: Table) -> Function:
    """Return the function that checks a row's constraints before Postgres does, whose error would show the row."""
    why = f"Refuses a row of {table.id} that violates a constraint. The error names the constraint and shows no value."
    return trigger_function(f"{CHECK_PREFIX}{table.id}", why, derived=True)


def _check_trigger(table: Table) -> Trigger:
    """Return the trigger that runs that function after every other trigger has completed the row."""
    why = "Checks the constraints first, because the error of Postgres would show the whole row, also in the log."
    return before(f"{LAST_PREFIX}{CHECK_PREFIX}{table.id}", "insert or update", check_function(table), why)


def private_columns(table: Table) -> tuple[Column, ...]:
    """Return the secret and personal columns, which get no statistics because statistics hold whole values."""
    return tuple(column for column in table.columns if column.privacy in PRIVATE_CLASSES)


def granted_columns(table: Table, grant: Grant) -> tuple[str, ...]:
    """Return the columns that a grant names, for readers without the internal ones. Empty for all columns."""
    internal = any(column.internal for column in table.columns)
    if grant.columns or grant.commands != (Command.SELECT,) or grant.role.id == "service_role" or not internal:
        return grant.columns
    return tuple(column.name for column in table.columns if not column.internal)


def operator_columns(table: Table) -> tuple[str, ...]:
    """Return the columns that an operator may read, by their privacy class."""
    return tuple(c.name for c in table.columns if c.privacy in OPERATOR_CLASSES and not c.internal)
