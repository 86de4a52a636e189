"""Laws of tables: their core, their keys, their states and amounts, and that rows are kept."""

from collections.abc import Iterator

from lab.rules.derived import all_triggers
from lab.rules.functions.triggers import STAMPS
from lab.rules.laws.law import columns_of
from lab.rules.model import EraseAction, Table
from lab.rules.registry import Rules


def tables_have_a_core(rules: Rules) -> Iterator[str]:
    """Every table has created_at, a primary key of its own columns, and columns named once."""
    for table in rules.tables:
        names = [column.name for column in table.columns]
        if "created_at" not in names:
            yield f"{table.qualified}: has no created_at; add created()"
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{table.qualified}: names the column {name} twice"
        named = {*table.primary_key, *(c for i in table.indexes for c in i.columns)}
        named |= {c for grant in table.grants for c in grant.columns}
        for name in sorted(named - set(names)):
            yield f"{table.qualified}: a key, index or grant names {name}, which is no column of it"


def foreign_keys_are_indexed(rules: Rules) -> Iterator[str]:
    """Every foreign key leads an index or the primary key, so that deleting its target is quick."""
    for table in rules.tables:
        leading = {table.primary_key[0], *(index.columns[0] for index in table.indexes if index.columns)}
        for column in table.columns:
            if column.references is not None and column.name not in leading:
                yield f"{table.qualified}.{column.name}: no index starts with this foreign key"


def tables_come_after_what_they_name(rules: Rules) -> Iterator[str]:
    """A table is created after every table that it points at."""
    seen: set[str] = set()
    for table in rules.tables:
        seen.add(table.qualified)
        for column in table.columns:
            target = column.references.table if column.references else None
            if isinstance(target, Table) and target.qualified not in seen:
                yield f"{table.qualified}.{column.name}: points at {target.qualified}, which comes later in TABLES"


def states_can_be_reached(rules: Rules) -> Iterator[str]:
    """Moves name allowed states, and every state can be reached from a first one."""
    for table, column in columns_of(rules):
        if not column.moves:
            continue
        where = f"{table.qualified}.{column.name}"
        named = {state for move in column.moves for state in move} | set(column.starts)
        for state in sorted(named - set(column.allowed)):
            yield f"{where}: {state} is no allowed state"
        reached = set(column.starts or column.allowed)
        for _ in column.allowed:
            reached |= {to for origin, to in column.moves if origin in reached}
        for state in sorted(set(column.allowed) - reached):
            yield f"{where}: the state {state} can never be reached"


def states_need_values(rules: Rules) -> Iterator[str]:
    """What a state needs, allows or sets is a nullable column, and names states that its table has."""
    for table, column in columns_of(rules):
        where = f"{table.qualified}.{column.name}"
        named = {*column.needed_in, *column.only_in, *column.set_in, *column.cleared_in, *column.given_in}
        states = set(table.state.allowed) if table.state else set()
        yield from (f"{where}: {state} is no state of its table" for state in sorted(named - states))
        if column.only_in and not {*column.needed_in, *column.set_in, *column.given_in} <= set(column.only_in):
            yield f"{where}: is needed, set or given in a state that may not have it"
        if named and not column.nullable:
            yield f"{where}: depends on a state and must be nullable"
        if column.cleared_in and not column.once:
            yield f"{where}: says cleared_in, but is not written once"
        if column.once and column.erase is EraseAction.SET_NULL:
            yield f"{where}: cannot be written once and be set to null by erasure"
        if column.past and column.type != "timestamptz":
            yield f"{where}: past is for moments; its type is {column.type}"


def amounts_know_their_currency(rules: Rules) -> Iterator[str]:
    """An amount in smallest units stands beside its currency, which is one of those that the shop takes."""
    taken = tuple(currency.id for currency in rules.currencies)
    for table in rules.tables:
        for column in table.columns:
            if column.name.endswith("_minor") and not any(c.name == "currency" for c in table.columns):
                yield f"{table.qualified}.{column.name}: no column currency says what it counts"
            if column.name == "currency" and column.allowed != taken:
                yield f"{table.qualified}.currency: takes other currencies than CURRENCIES; declare it with currency()"


def ledgers_are_ledgers(rules: Rules) -> Iterator[str]:
    """What is numbered and digested as a ledger is listed in LEDGERS, and nothing else is."""
    stamped = {table.id for table in rules.tables if any(t.function in STAMPS for t in table.triggers)}
    listed = set(rules.table("ledger_seals").column("ledger").allowed)
    yield from (f"public.{id}: is stamped as a ledger; add it to LEDGERS" for id in sorted(stamped - listed))
    yield from (f"public.{id}: stands in LEDGERS; stamp it as a ledger" for id in sorted(listed - stamped))


def rows_are_kept(rules: Rules) -> Iterator[str]:
    """Every table refuses a plain DELETE of a row and a TRUNCATE, by triggers that no other one replaces."""
    for table in rules.tables:
        names = [trigger.name for trigger in all_triggers(table)]
        for name in sorted({name for name in names if names.count(name) > 1}):
            yield f"{table.qualified}: two triggers are called {name}, and only one would stand; rename yours"
        guards = [t for t in all_triggers(table) if t.function.id == "refuse_removal" and t.when is None]
        kept = {(t.timing, t.events, t.level) for t in guards}
        for command, level in (("delete", "row"), ("truncate", "statement")):
            if ("before", command, level) not in kept:
                yield f"{table.qualified}: nothing refuses {command}; let derived_triggers give it its trigger"
