"""Writes queries that count exhausted sequences, and foreign keys that block an erasure."""

from collections.abc import Iterable, Iterator

from lab.rules.derived import quote_all
from lab.rules.model import Table

_LARGEST = "case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647 else q.seqmax end"


def count_exhausted(tables: Iterable[Table]) -> str:
    """Return the query that counts sequences that have used nine tenths of their range or of their column's range."""
    counted = "\n        union all ".join(_read_sequence(table, column) for table, column in _list_numbered(tables))
    return (
        "-- Counts sequences that have used nine tenths of their numbers.\n"
        f"select count(*)\n  from ({counted}) as used (last, most)\n where used.last > used.most * 0.9"
    )


def _list_numbered(tables: Iterable[Table]) -> Iterator[tuple[Table, str]]:
    for table in tables:
        yield from ((table, column.name) for column in table.columns if column.identity)


def _read_sequence(table: Table, column: str) -> str:
    sequence = f"public.{table.id}_{column}_seq"
    return (
        f"select s.last_value::numeric, least(q.seqmax, {_LARGEST})::numeric\n"
        f"          from {sequence} s, pg_catalog.pg_sequence q, pg_catalog.pg_attribute a\n"
        f"         where q.seqrelid = '{sequence}'::regclass\n"
        f"           and a.attrelid = '{table.qualified}'::regclass and a.attname = '{column}'"
    )


def count_blocking(tables: Iterable[Table]) -> str:
    """Return the query that counts undeclared foreign keys that prevent the deletion of a personal row or account."""
    ours = quote_all(tuple(table.id for table in tables))
    return (
        "-- Counts foreign keys of undeclared tables that block an erasure.\n"
        "with ours as (\n"
        f"  select c.oid from pg_catalog.pg_class c\n"
        f"   where c.relnamespace = to_regnamespace('public') and c.relname = any (array[{ours}])\n"
        "), permitted as (  -- requires the right to read requests and accounts\n"
        "  select from public.privacy_requests r, auth.users u where false\n"
        ")\n"
        "select count(*)\n"
        "  from pg_catalog.pg_constraint k\n"
        " where not exists (select from permitted) and k.contype = 'f' and k.conparentid = 0\n"
        "   and k.conrelid not in (select o.oid from ours o)\n"
        "   and (k.confrelid in (select o.oid from ours o) or k.confrelid = to_regclass('auth.users'))\n"
        "   and (k.confdeltype in ('a', 'r')\n"
        "        or k.confdeltype = 'n' and exists (\n"
        "             select from pg_catalog.pg_attribute a\n"
        "              where a.attrelid = k.conrelid and a.attnum = any (k.conkey) and a.attnotnull))"
    )
