"""Tables: columns, constraints, indexes and comments, without access for any role at first."""

from lab.rules.derived import all_checks, private_columns, quote
from lab.rules.model import Check, Column, Index, Reference, Table

API_ROLES = "public, anon, authenticated, service_role"


def table_statements(table: Table) -> list[str]:
    """Return the statements that make a table, its indexes and its comments, with all access closed."""
    return [
        create_table(table),
        *(create_index(table, index) for index in table.indexes),
        f"alter table {table.qualified} enable row level security;",
        f"alter table {table.qualified} force row level security;",
        f"revoke all on table {table.qualified} from {API_ROLES};",
        *(
            f"revoke all on sequence {table.qualified}_{column.name}_seq from {API_ROLES};"
            for column in table.columns
            if column.identity
        ),
        *(f"alter table {table.qualified} alter column {c.name} set statistics 0;" for c in private_columns(table)),
        *table_comments(table),
    ]


def create_table(table: Table) -> str:
    """Return the statement that creates a table with its columns and named constraints."""
    lines = [
        *(_column_line(column) for column in table.columns),
        f"constraint {table.id}_pkey primary key ({', '.join(table.primary_key)})",
        *(_reference_line(table, column, column.references) for column in table.columns if column.references),
        *(f"constraint {constraint_name(table, check)} check ({check.expression})" for check in all_checks(table)),
    ]
    storage = f" with ({', '.join(table.storage)})" if table.storage else ""
    return f"create table if not exists {table.qualified} (\n  " + ",\n  ".join(lines) + f"\n){storage};"


def constraint_name(table: Table, check: Check) -> str:
    """Return the name of a check inside the database: unique across tables."""
    return f"{table.id}_{check.name}"


def _column_line(column: Column) -> str:
    parts = [column.name, column.type]
    if column.identity:
        parts.append("generated always as identity")
    if column.generated is not None:
        parts.append(f"generated always as ({column.generated}) stored")
    if column.default is not None:
        parts.append(f"default {column.default}")
    if not column.nullable:
        parts.append("not null")
    return " ".join(parts)


def _reference_line(table: Table, column: Column, reference: Reference) -> str:
    columns = ", ".join((column.name, *(own for own, _ in reference.along)))
    keys = ", ".join((reference.target_key, *(other for _, other in reference.along)))
    return (
        f"constraint {reference_name(table, column)} foreign key ({columns}) "
        f"references {reference.table.qualified} ({keys}) on delete {reference.on_delete}"
    )


def reference_name(table: Table, column: Column) -> str:
    """Return the name of a column's foreign key."""
    return f"{table.id}_{column.name}_fkey"


def create_index(table: Table, index: Index) -> str:
    """Return the statement that creates an index, with the query it serves in its comment."""
    unique = "unique index" if index.unique else "index"
    nulls = "" if index.nulls_distinct else " nulls not distinct"
    where = f" where {index.where}" if index.where else ""
    indexed = index.expression or ", ".join(index.columns)
    method = "" if index.method == "btree" else f" using {index.method}"
    # Postgres would keep samples of an indexed expression, as of a column.
    unsampled = f"alter index public.{index.name} alter column 1 set statistics 0;\n" if index.expression else ""
    return (
        f"create {unique} if not exists {index.name} on {table.qualified}{method} ({indexed}){nulls}{where};\n"
        f"{unsampled}comment on index public.{index.name} is {quote(index.serves)};"
    )


def table_comments(table: Table) -> list[str]:
    """Return the statements that write the rules' texts into the catalogue, as comments."""
    return [
        f"comment on table {table.qualified} is {quote(table.description)};",
        *(
            f"comment on column {table.qualified}.{column.name} is {quote(column_comment(column))};"
            for column in table.columns
        ),
        *(
            f"comment on constraint {constraint_name(table, check)} on {table.qualified} is {quote(check.why)};"
            for check in table.checks
        ),
    ]


def column_comment(column: Column) -> str:
    """Return a column's comment: what it is, its privacy class, and what erasure does to it."""
    return f"{column.why} [{column.privacy.value}; on erasure: {column.erase.value}]"
