"""The queries that count orphans, written from the rules' own references: rows that point at a row that is gone."""

from lab.rules.model import ExternalTable, Reference, Table


def count_orphans(table: Table) -> str:
    """Return the query that counts a table's references that lead nowhere; a row with two of them counts twice.

    For each reference it walks an index from its end, for as many rows as `lab.recent` allows. A parent is asked for
    in a query of its own inside the condition, which Postgres never turns into a join: one look into the parent's
    primary key for each row. So neither the number of rows nor that of parents makes it dearer.
    """
    counts = [_count_lost(table, column.name, column.references) for column in table.foreign_keys if column.references]
    return f"-- Counts references of {table.qualified} that lead to no row.\nselect " + "\n     + ".join(counts)


def _count_lost(table: Table, name: str, reference: Reference) -> str:
    parent = reference.table
    read = ", ".join(f"r.{one}" for one in (name, *(own for own, _ in reference.along)))
    pairs = ((name, reference.target_key), *reference.along)
    met = " and ".join(f"p.{other} = r.{own}" for own, other in pairs)
    return (
        "(select count(*)\n"
        f"          from (select {read}\n"
        f"                  from {table.qualified} r\n"
        f"                 where r.{name} is not null\n"
        f"                 order by r.{walked_along(table, name, reference)} desc\n"
        "                 limit nullif(current_setting('lab.recent', true), '')::bigint) r\n"
        f"         where (select true from {parent.qualified} p where {met}) is null)"
    )


def walked_along(table: Table, name: str, reference: Reference) -> str:
    """Return the column whose index a reference is walked along.

    Of what belongs to people each has few rows: walked in the order of the reference itself, neighbours lead to
    neighbours, and hardly a page is read twice. Of what is offered to all, such as a product, one has so many rows
    that such a walk would never leave it: there the child's own key spreads them.
    """
    return name if holds_people(reference.table) else table.primary_key[0]


def holds_people(table: Table | ExternalTable) -> bool:
    """Tell whether a table's rows belong to people, so that there are more of them with every customer."""
    return isinstance(table, ExternalTable) or any(column.names_subject for column in table.columns)
