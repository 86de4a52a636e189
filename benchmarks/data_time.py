"""Measures the family `data`, warm: with a thousand rows, with as many as one query reads, and with millions."""

import shutil
import time
import uuid
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psycopg

from benchmarks.timing import Row, read_options, report, summarise, time_once
from fixtures import servers
from lab.checks.data.check import RECENT, check_invariants
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres, start_embedded
from lab.rules.invariants import INVARIANTS
from lab.text.product_files import PROJECT

FEW = 1000
FILL = Path(__file__).with_name("data_rows.sql")
FOLDER = PROJECT / ".lab" / "data_time"  # on the disk, because ten million rows are more than fit in memory
SLOWEST = 5  # slowest invariants that are shown, in addition to those that grow
GROWN, SEEN_SECONDS = 1.5, 0.02
# Rows are inserted in their final state, so triggers are off meanwhile.
REST = """
do $$ declare t record; begin
  for t in select tgrelid::regclass as relation, tgname from pg_trigger
            where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace = 'public'::regnamespace)
  loop execute format('alter table %s disable trigger %I', t.relation, t.tgname); end loop; end $$
"""
# Building an index once is faster than updating it for each row; indexes of constraints stay.
INDEXES = """
select i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
  from pg_index i join pg_class c on c.oid = i.indexrelid
 where c.relnamespace = 'public'::regnamespace
   and not exists (select from pg_constraint k where k.conindid = i.indexrelid)
"""


def _fill(place: servers.Database, rows: int) -> float:
    """Fill a database; return how many seconds that took."""
    started = time.perf_counter()
    with psycopg.connect(place.admin_url) as connection:
        connection.execute(REST)
        settings = {"session_replication_role": "replica", "statement_timeout": "0", "synchronous_commit": "off"}
        settings |= {"fill.rows": str(rows), "fill.true": str(min(rows, RECENT + 100))}
        settings |= {"work_mem": "256MB", "maintenance_work_mem": "1GB"}
        for name, value in settings.items():
            connection.execute("select set_config(%s, %s, true)", [name, value])
        indexes = connection.execute(INDEXES).fetchall()
        connection.execute(f"drop index {', '.join(name for name, _ in indexes)}".encode())
        connection.execute(FILL.read_bytes())
        for _, definition in indexes:
            connection.execute(definition)
        connection.execute("alter table public.ledger_seals enable always trigger ledger_seals_link")
        connection.execute("select public.seal_ledgers(%s)", [RECENT * 2])
    with psycopg.connect(place.admin_url, autocommit=True) as connection:
        connection.execute("set statement_timeout = 0")
        connection.execute("vacuum analyze")
    return time.perf_counter() - started


def _check(place: servers.Database) -> None:
    with connect(place.url, read_only=True) as connection:
        outcome = check_invariants(connection, seconds=60)
    found = [finding.key for finding in outcome.findings]
    late = [unknown.what for unknown in outcome.unknowns if "rows were checked" not in unknown.why]
    if found or late:
        raise SystemExit(f"the made-up shop breaks invariants, or some could not be checked: {found + late}")


def _time_each(place: servers.Database, rounds: int, before: list[Row]) -> list[Row]:
    """Time each invariant by itself, on one open connection, against its earlier time."""
    rows = []
    with connect(place.url, read_only=True) as connection:
        for place_in_list, one in enumerate(INVARIANTS):
            asked = partial(check_invariants, connection, [one], seconds=60)
            taken = [time_once(asked) for _ in range(rounds)]
            rows.append(summarise(f"  {one.id}", taken, before[place_in_list] if before else None))
    return rows


def _pick(each: list[Row]) -> Iterator[Row]:
    """Yield the slowest, and those that take longer than with fewer rows."""
    for number, row in enumerate(sorted(each, key=lambda row: -row.p50)):
        if number < SLOWEST or ((row.ratio or 1) > GROWN and row.p50 > SEEN_SECONDS):
            yield row


def _measure(server: EmbeddedPostgres, most: int, rounds: int, notes: list[str]) -> Iterator[Row]:
    floor, each = None, list[Row]()
    for rows in sorted({FEW, min(most, RECENT), most}):
        place = servers.clone_database(server, "migrated")
        filled = _fill(place, rows)
        asked = partial(_check, place)
        time_once(asked)
        measured = [time_once(asked) for _ in range(rounds)]
        row = summarise(f"data, {rows:,} rows a table", measured, floor)
        floor = floor or row
        yield row
        with psycopg.connect(place.admin_url) as connection:
            size = connection.execute("select pg_database_size(current_database())").fetchone()
        notes.append(f"{rows:,} rows a table: {size[0] / 1e9 if size else 0:.2f} GB, filled in {filled:.0f} s.")
        if rows >= min(most, RECENT):
            each = _time_each(place, rounds, each)
            yield from _pick(each)
        servers.drop_database(place)


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rows=1_000_000, rounds=5)
    handle = servers.open_run()
    folder = FOLDER / uuid.uuid4().hex[:8]
    try:
        server = start_embedded(folder / "postgres-18", durable=False)
        notes: list[str] = []
        rows = list(_measure(server, options.rows, options.rounds, notes))
        notes.append(f"A query reads {RECENT:,} rows at most, so more rows should not take more time.")
        notes.append("Each invariant is compared with its time for fewer rows, in the line above.")
        report("Counting rows that break an invariant", rows, options.json, notes)
        server.stop()
    finally:
        servers.close_run(handle)
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
