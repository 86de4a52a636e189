"""Writes the body of a table's checking function, which tests a row against the constraints without printing the row.

Postgres itself quotes the whole refused row in DETAIL, and so in its log. In a compiled function, the conditions cost a
tenth of what they would cost in a trigger's WHEN, which is parsed anew for every statement.
"""

from textwrap import indent

from lab.rules.derived import all_checks, quote
from lab.rules.model import Check, Column, Reference, Table
from lab.sql.expressions import qualify_columns
from lab.sql.tables import constraint_name, reference_name


def check_row_body(table: Table) -> str:
    """Return the body that refuses a row under the name of the first constraint that it breaks.

    Postgres prepares each expression anew in each transaction, so a single one comes first: whether anything is wrong.
    """
    needed = [column.name for column in table.columns if not column.nullable]
    missing = [(f"new.{name} is null", name) for name in needed]
    met = {constraint_name(table, check): _met(table, check) for check in _by_name(table)}
    broken = [(f"({condition}) is false", name) for name, condition in met.items()]
    lost = [(_is_dangling(column, reference), name) for column, reference, name in _multicolumn_references(table)]
    complete = f"num_nulls({', '.join(f'new.{name}' for name in needed)}) = 0"
    refusals = _first_of("missing", missing) + _REFUSE_MISSING
    refusals += _first_of("broken", broken) + _REFUSE_BROKEN if broken else ""
    return (
        _HEAD
        + f"  if {_any_false([complete, *met.values()])} then\n{indent(refusals, '  ')}  end if;\n"
        + (_first_of("broken", lost) + _REFUSE_LOST if lost else "")
        + "  return new;\nend"
    )


def _any_false(conditions: list[str]) -> str:
    """Return the expression that is true if any condition is false; null counts as met, as in a check."""
    return "(" + "\n      and ".join(f"({condition})" for condition in conditions) + ") is false"


def _multicolumn_references(table: Table) -> list[tuple[Column, Reference, str]]:
    """Return the foreign keys over several columns: they hold words, which Postgres would quote, and not only ids."""
    return [
        (column, column.references, reference_name(table, column))
        for column in table.columns
        if column.references and column.references.along
    ]


def _is_dangling(column: Column, reference: Reference) -> str:
    met = " and ".join(
        f"r.{other} = new.{own}" for own, other in ((column.name, reference.target_key), *reference.along)
    )
    return f"not exists (select from {reference.table.qualified} r where {met})"


def _by_name(table: Table) -> list[Check]:
    """Return a table's checks in the order in which Postgres tries them."""
    return sorted(all_checks(table), key=lambda check: constraint_name(table, check))


def _met(table: Table, check: Check) -> str:
    return qualify_columns(check.expression, frozenset(column.name for column in table.columns), "new")


def _first_of(variable: str, cases: list[tuple[str, str]]) -> str:
    """Return the assignment of the first name whose condition holds; null when none does."""
    if not cases:
        return ""
    lines = "\n".join(f"    when {condition}\n      then {quote(name)}" for condition, name in cases)
    return f"  {variable} := case\n{lines}\n  end;\n"


_HEAD = """-- Postgres checks the same constraints later, but its error would show the whole row, also in the log.
declare
  missing text;
  broken text;
begin
"""

_REFUSE_MISSING = """  if missing is not null then
    raise exception
      'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
"""

_REFUSE_BROKEN = """  raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
    using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
          hint = coalesce(
            (select obj_description(k.oid, 'pg_constraint')
               from pg_constraint k
              where k.conrelid = tg_relid and k.conname = broken), 'The rules list the allowed values.');
"""

_REFUSE_LOST = """  if broken is not null then
    raise exception 'insert or update on table "%" violates foreign key constraint "%"', tg_table_name, broken
      using errcode = '23503', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = 'Choose a row of the table that it refers to.';
  end if;
"""
