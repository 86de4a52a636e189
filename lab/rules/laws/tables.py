"""Laws of tables: required columns, keys, states, amounts, ledgers and refused deletes."""

from collections.abc import Iterator

from lab.rules.derived import all_triggers
from lab.rules.functions.triggers import STAMPS
from lab.rules.laws.law import columns_of
from lab.rules.model import EraseAction, Table
from lab.rules.registry import Rules


def tables_have_required_columns(rules: Rules) -> Iterator[str]:
    """Every table has created_at, unique column names, and only its own columns in keys, indexes and grants."""
    for table in rules.tables:
        names = [column.name for column in table.columns]
        if "created_at" not in names:
            yield f"{table.qualified}: has no created_at; add created()"
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{table.qualified}: has two columns named {name}; rename one of them"
        named = {*table.primary_key, *(c for i in table.indexes for c in i.columns)}
        named |= {c for grant in table.grants for c in grant.columns}
        for name in sorted(named - set(names)):
            yield f"{table.qualified}: a key, index or grant names {name}, but the table has no such column"


def foreign_keys_are_indexed(rules: Rules) -> Iterator[str]:
    """Every foreign key is the first column of an index or of the primary key, so that deletes of its target are fast."""
    for table in rules.tables:
        leading = {table.primary_key[0], *(index.columns[0] for index in table.indexes if index.columns)}
        for column in table.columns:
            if column.references is not None and column.name not in leading:
                yield f"{table.qualified}.{column.name}: no index starts with this foreign key; add one"


def tables_follow_their_references(rules: Rules) -> Iterator[str]:
    """A table is created after every table that it refers to."""
    seen: set[str] = set()
    for table in rules.tables:
        seen.add(table.qualified)
        for column in table.columns:
            target = column.references.table if column.references else None
            if isinstance(target, Table) and target.qualified not in seen:
                yield f"{table.qualified}.{column.name}: refers to {target.qualified}, which comes later in TABLES"


def states_can_be_reached(rules: Rules) -> Iterator[str]:
    """Moves name allowed states, and every state can be reached from a first one."""
    for table, column in columns_of(rules):
        if not column.moves:
            continue
        where = f"{table.qualified}.{column.name}"
        named = {state for move in column.moves for state in move} | set(column.starts)
        for state in sorted(named - set(column.allowed)):
            yield f"{where}: {state} is not an allowed state"
        for origin, to in set(column.usual_moves) - set(column.moves):
            yield f"{where}: usual_moves has {origin} to {to}, which is not one of its moves"
        reached = set(column.starts or column.allowed)
        for _ in column.allowed:
            reached |= {to for origin, to in column.moves if origin in reached}
        for state in sorted(set(column.allowed) - reached):
            yield f"{where}: the state {state} can never be reached"


def state_columns_are_nullable(rules: Rules) -> Iterator[str]:
    """A column that depends on a state is nullable and names states of its table."""
    for table, column in columns_of(rules):
        where = f"{table.qualified}.{column.name}"
        named = {*column.needed_in, *column.only_in, *column.set_in, *column.cleared_in, *column.given_in}
        states = set(table.state.allowed) if table.state else set()
        yield from (f"{where}: {state} is not a state of its table" for state in sorted(named - states))
        if column.only_in and not {*column.needed_in, *column.set_in, *column.given_in} <= set(column.only_in):
            yield f"{where}: is needed, set or given in a state that only_in does not list"
        if named and not column.nullable:
            yield f"{where}: depends on a state and must be nullable"
        if column.cleared_in and not column.once:
            yield f"{where}: has cleared_in, but not once"
        if column.once and column.erase is EraseAction.SET_NULL:
            yield f"{where}: cannot have once and be set to null by an erasure"
        if column.past and column.type != "timestamptz":
            yield f"{where}: past needs the type timestamptz; its type is {column.type}"


def amounts_have_a_currency(rules: Rules) -> Iterator[str]:
    """A table with an amount has a currency column, which allows the shop's currencies."""
    taken = tuple(currency.id for currency in rules.currencies)
    for table in rules.tables:
        for column in table.columns:
            if column.name.endswith("_minor") and not any(c.name == "currency" for c in table.columns):
                yield f"{table.qualified}.{column.name}: its table has no currency; add currency()"
            if column.name == "currency" and column.allowed != taken:
                yield f"{table.qualified}.currency: allows other currencies than CURRENCIES; declare it with currency()"


def stamped_tables_are_ledgers(rules: Rules) -> Iterator[str]:
    """The tables with a ledger's stamp are exactly those in LEDGERS."""
    stamped = {table.id for table in rules.tables if any(t.function in STAMPS for t in table.triggers)}
    listed = set(rules.table("ledger_seals").column("ledger").allowed)
    yield from (f"public.{id}: has a ledger's stamp; add it to LEDGERS" for id in sorted(stamped - listed))
    yield from (f"public.{id}: is in LEDGERS; give it a ledger's stamp" for id in sorted(listed - stamped))


def tables_refuse_deletes(rules: Rules) -> Iterator[str]:
    """Every table has triggers that refuse DELETE and TRUNCATE, and its trigger names are unique."""
    for table in rules.tables:
        names = [trigger.name for trigger in all_triggers(table)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{table.qualified}: two triggers are called {name}, and only one would exist; rename one of them"
        guards = [t for t in all_triggers(table) if t.function.id == "refuse_removal" and t.when is None]
        kept = {(t.timing, t.events, t.level) for t in guards}
        for command, level in (("delete", "row"), ("truncate", "statement")):
            if ("before", command, level) not in kept:
                yield f"{table.qualified}: no trigger refuses {command}; let derived_triggers add it"
