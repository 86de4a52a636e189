"""The body of a table's checking function: its constraints once more, tried on a row without printing it.

Postgres quotes the whole refused row in DETAIL, and so in its log. As a compiled function the same conditions cost a
tenth of what a trigger's WHEN costs, which is parsed anew for every statement.
"""

from lab.rules.derived import all_checks, quote
from lab.rules.model import Check, Column, Reference, Table
from lab.sql.expressions import qualify_columns
from lab.sql.tables import constraint_name, reference_name


def check_row_body(table: Table) -> str:
    """Return the body that refuses a row under the name of the first constraint that it breaks."""
    missing = [(f"new.{column.name} is null", column.name) for column in table.columns if not column.nullable]
    broken = [(_breaks(table, check), constraint_name(table, check)) for check in _by_name(table)]
    lost = [(_leads_nowhere(column, reference), name) for column, reference, name in _by_words(table)]
    return (
        (_HEAD + _first_of("missing", missing) + _REFUSE_MISSING + _first_of("broken", broken) + _REFUSE_BROKEN)
        + (_first_of("broken", lost) + _REFUSE_LOST if lost else "")
        + "  return new;\nend"
    )


def _by_words(table: Table) -> list[tuple[Column, Reference, str]]:
    """Return the foreign keys over several columns: they hold words, which Postgres would quote; an id says nothing."""
    return [
        (column, column.references, reference_name(table, column))
        for column in table.columns
        if column.references and column.references.along
    ]


def _leads_nowhere(column: Column, reference: Reference) -> str:
    met = " and ".join(
        f"r.{other} = new.{own}" for own, other in ((column.name, reference.target_key), *reference.along)
    )
    return f"not exists (select from {reference.table.qualified} r where {met})"


def _by_name(table: Table) -> list[Check]:
    """Return a table's checks in the order in which Postgres tries them."""
    return sorted(all_checks(table), key=lambda check: constraint_name(table, check))


def _breaks(table: Table, check: Check) -> str:
    names = frozenset(column.name for column in table.columns)
    return f"({qualify_columns(check.expression, names, 'new')}) is false"


def _first_of(variable: str, cases: list[tuple[str, str]]) -> str:
    """Return the assignment of the first name whose condition holds; null when none does."""
    if not cases:
        return ""
    lines = "\n".join(f"    when {condition}\n      then {quote(name)}" for condition, name in cases)
    return f"  {variable} := case\n{lines}\n  end;\n"


_HEAD = """-- Postgres tries the same constraints afterwards, and would quote the whole row in DETAIL and in the log.
declare
  missing text;
  broken text;
begin
"""

_REFUSE_MISSING = """  if missing is not null then
    raise exception 'null value in column "%" of relation "%" violates not-null constraint', missing, tg_table_name
      using errcode = '23502', schema = tg_table_schema, table = tg_table_name, column = missing;
  end if;
"""

_REFUSE_BROKEN = """  if broken is not null then
    raise exception 'new row for relation "%" violates check constraint "%"', tg_table_name, broken
      using errcode = '23514', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = coalesce(
              (select obj_description(k.oid, 'pg_constraint')
                 from pg_constraint k
                where k.conrelid = tg_relid and k.conname = broken), 'The rules list the values that are allowed.');
  end if;
"""

_REFUSE_LOST = """  if broken is not null then
    raise exception 'insert or update on table "%" violates foreign key constraint "%"', tg_table_name, broken
      using errcode = '23503', schema = tg_table_schema, table = tg_table_name, constraint = broken,
            hint = 'Choose a row of the table that it refers to.';
  end if;
"""
