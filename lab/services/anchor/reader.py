"""Reads the entries of a ledger from a database: read-only, with time limits, a batch at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.types.string import TextLoader

from lab.database.connect import connect
from lab.rules.anchoring import BLANKED
from lab.rules.model import Table
from lab.services.anchor.entries import Entry, kept_columns, read_entry

BATCH = 5_000  # rows
_HIDDEN = "row_security"  # off: a policy then causes an error; hidden rows would look like cut ones
_FORMS = {"v": "a view", "m": "a materialized view", "f": "a foreign table", "p": "a partitioned table"}
_REPLACEMENT = """
select c.relkind::text,
       exists (select from pg_catalog.pg_rewrite r where r.ev_class = c.oid),
       exists (select from pg_catalog.pg_inherits i where i.inhparent = c.oid),
       exists (select from pg_catalog.pg_attribute a join pg_catalog.pg_type t on t.oid = a.atttypid
                where a.attrelid = c.oid and a.attname = any (%s) and t.typnamespace <> 'pg_catalog'::regnamespace)
  from pg_catalog.pg_class c
 where c.oid = %s::regclass
"""  # a column of another type may print different texts for different readers


class LiveLedgers:
    """The ledgers of a database at one moment."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    def replacement(self, ledger: Table) -> str:
        """Return what replaced a ledger; nothing when it is a plain table, which a lock keeps while it is read."""
        self._connection.execute(f"lock table {ledger.qualified} in access share mode".encode())
        row = self._connection.execute(
            _REPLACEMENT, [[column.name for column in ledger.columns], ledger.qualified]
        ).fetchone()
        form, ruled, parent, typed = row if row else ("none", False, False, False)
        if form != "r":
            return f"is {_FORMS.get(form, 'no table')} and not a plain table"
        if ruled:
            return "has a rewrite rule"
        if parent:
            return "has child tables"
        return "has columns of a type that is not Postgres's own" if typed else ""

    def entries(self, ledger: Table, since: int | None = None) -> Iterator[Entry]:
        """Yield a ledger's entries in the order of their numbers, those from a number on."""
        kept, names = kept_columns(ledger), [column.name for column in ledger.columns]
        columns = ", ".join(f"e.{name}" for name in names)
        where = "" if since is None else f" where e.id >= {int(since)}"
        with self._connection.cursor(name=f"entries_of_{ledger.id}") as cursor:
            cursor.itersize = BATCH
            for column in ledger.columns:  # as its type prints it: a cast to text may be an attacker's function
                cursor.adapters.register_loader(column.type, TextLoader)
            cursor.execute(f"select {columns} from {ledger.qualified} e{where} order by e.id".encode())
            for row in cursor:
                yield read_entry(ledger, kept, dict(zip(names, row, strict=True)))

    def count_before(self, ledger: Table, number: int) -> int:
        """Count the entries with a lower number."""
        return self._count(f"select count(*) from {ledger.qualified} e where e.id < {int(number)}")

    def size(self, ledger: Table) -> int:
        """Return about how many entries there are, by Postgres's statistics."""
        return self._count(
            f"select greatest(reltuples, 0)::bigint from pg_class where oid = '{ledger.qualified}'::regclass"
        )

    def blanked(self, numbers: list[int]) -> set[int]:
        """Return which of these consents were blanked according to an erasure's record."""
        found = self._connection.execute(
            "select distinct a.object_id from public.admin_audit_events a where a.action = %s and a.outcome = 'done'"
            " and a.object_table = 'consent_events' and a.object_id = any (%s)",
            [BLANKED, [str(number) for number in numbers]],
        )
        return {int(row[0]) for row in found}

    def _count(self, query: str) -> int:
        row = self._connection.execute(query.encode()).fetchone()
        return int(row[0]) if row else 0


@contextmanager
def open_ledgers(url: str, *, seconds: float = 60) -> Iterator[LiveLedgers]:
    """Open the ledgers of a database in one read-only transaction.

    Args:
        url: Its URL, of a role that row-level security does not apply to, such as Supabase's `postgres`.
        seconds: How long one batch may take.

    Raises:
        DatabaseUnavailable: It can't be reached.
    """
    with connect(url, read_only=True, statement_timeout_seconds=seconds) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        settings = {_HIDDEN: "off", "timezone": "UTC", "datestyle": "ISO, YMD", "bytea_output": "hex",
                    "search_path": "pg_catalog, pg_temp"}  # fmt: skip
        calls = ", ".join(["set_config(%s, %s, true)"] * len(settings))
        connection.execute(f"select {calls}".encode(), [part for pair in settings.items() for part in pair])
        yield LiveLedgers(connection)
        connection.rollback()
