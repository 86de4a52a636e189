"""Writes the queries that count orphans: rows that refer to a row that does not exist."""

from lab.rules.model import ExternalTable, Reference, Table


def count_orphans(table: Table) -> str:
    """Return the query that counts a table's dangling references; a row with two of them counts twice.

    For each reference it reads an index from its end, for as many rows as `lab.recent` allows. A sub-query in the
    condition looks the parent up; Postgres never turns it into a join, so each row needs one look-up in the parent's
    primary key. The cost depends neither on the number of rows nor on that of parents.
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
    """Return the column whose index gives the order in which a reference's rows are read.

    A parent that belongs to a person has few rows: read in the order of the reference itself, neighbours refer to
    neighbours, and hardly a page is read twice. A parent that is offered to all, such as a product, has so many rows
    that a limited read would see only one parent. There the child's own key gives a mixed order.
    """
    return name if holds_people(reference.table) else table.primary_key[0]


def holds_people(table: Table | ExternalTable) -> bool:
    """Tell whether a table's rows belong to people, so that there are more of them with every customer."""
    return isinstance(table, ExternalTable) or any(column.names_subject for column in table.columns)
