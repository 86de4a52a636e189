"""Writes copies of made-up rows, which differ where they must."""

from lab.checks.probes.sample_people import People, key_of
from lab.rules.derived import quote, quote_all
from lab.rules.model import Column, Table

# SQL for a different value of a copied column; without an entry, the type decides.
_FRESH_COLUMNS = {
    "stripe_product_id": "'prod_probe' || md5(random()::text)",
    "stripe_price_id": "'price_probe' || md5(random()::text)",
    "checkout_session_id": "'cs_test_probe' || md5(random()::text)",
    "payment_intent_id": "null::text",
    "name": "'made_up_' || translate(left(md5(random()::text), 16), '0123456789', 'ghijklmnop')",
    "locale": "'x-' || left(md5(random()::text), 8)",
    "task": "'reconcile_payments'",  # with this mode no worker runs it, and nobody made it up
    "mode": "'none'",
    "idempotency_key": "'pdf:account:' || gen_random_uuid() || ':0'",
}
_FRESH_TYPES = {
    "uuid": "gen_random_uuid()",
    "bytea": "sha256(convert_to(random()::text, 'UTF8'))",
    "text": "md5(random()::text)",
    "bigint": "-(random() * 1e15)::bigint",
    "integer": "2 + (random() * 1e6)::integer",
}


def fills_in(column: Column) -> bool:
    """Tell whether the database alone gives a column its value."""
    return column.identity or column.generated is not None


def freshen(column: Column) -> str:
    """Return SQL for a new value of a column."""
    if column.name == "id" and column.type == "text":
        return "'evt_probe' || md5(random()::text)"
    return _FRESH_COLUMNS.get(column.name) or _FRESH_TYPES[column.type]


def _beginning(table: Table) -> dict[str, str]:
    """Return the changes that make a copy a valid new row: a first state, and no values of later states."""
    state = table.state
    if not state or not state.starts:
        return {}
    later = [c.name for c in table.columns if c.only_in and not set(state.starts) & set(c.only_in)]
    begun = f"case when {state.name} in ({quote_all(state.starts)}) then {state.name} else {quote(state.starts[0])} end"
    return {state.name: begun} | dict.fromkeys(later, "null")


def copy_row(table: Table, people: People, changes: dict[str, str], *, fresh: bool = True) -> str:
    """Write a copy of the first row of person a.

    Args:
        table: The table.
        people: Whose row is copied.
        changes: Columns that differ, as SQL.
        fresh: Whether unique values differ, too.
    """
    if fresh:
        counted = {column for index in table.indexes if index.unique for column in index.columns}
        alone = {name for name in (*table.primary_key, *counted) if table.column(name).references is None}
        changes = {name: freshen(table.column(name)) for name in sorted(alone)} | changes
    changes = _beginning(table) | changes
    names = [column.name for column in table.columns if column.generated is None]
    values = ", ".join(changes.get(name, name) for name in names)
    first = people.made(table, "a")[0]
    key = key_of(table)
    return (
        f"insert into {table.qualified} ({', '.join(names)}) overriding system value"
        f" select {values} from {table.qualified} where {key} = '{first}'"
    )
