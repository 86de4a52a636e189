"""The queries that count orphans, written from the rules' own references: rows whose parent is gone."""

from lab.rules.model import Column, ExternalTable, Reference, Table

WHY = "A row whose parent is gone hangs on nothing: what needs both fails, and an erasure may never find it."


def references(table: Table) -> tuple[Column, ...]:
    """Return the columns of a table that point at another table's key."""
    return tuple(column for column in table.columns if column.references)


def count_orphans(table: Table) -> str:
    """Return the query that counts a table's rows of which at least one parent is missing.

    It walks the primary key backwards, for as many rows as `lab.recent` allows. A parent is asked for in a query of
    its own inside the condition, which Postgres never turns into a join: one look into the parent's primary key for
    each row, so that the number of parents costs nothing.
    """
    columns = references(table)
    missing = "\n    or ".join(_misses(column.name, column.references) for column in columns if column.references)
    return (
        f"-- {WHY}\n"
        "select count(*)\n"
        f"  from (select {', '.join(f'r.{column.name}' for column in columns)}\n"
        f"          from {table.qualified} r\n"
        f"         order by r.{table.primary_key[0]} desc\n"
        "         limit nullif(current_setting('lab.recent', true), '')::bigint) r\n"
        f" where {missing}"
    )


def _misses(name: str, reference: Reference) -> str:
    parent = reference.table
    key = parent.key if isinstance(parent, ExternalTable) else parent.primary_key[0]
    found = f"select true from {parent.qualified} p where p.{key} = r.{name}"
    return f"(r.{name} is not null and ({found}) is null)"


def is_random(table: Table) -> bool:
    """Tell whether the primary key says nothing of a row's age, so that a walk along it takes any rows."""
    return table.column(table.primary_key[0]).type == "uuid"
