"""Measures the cost of the checks inside the database: enqueue a job, give and withdraw a consent, write an audit line.

Each is a transaction. Its floor is an insert into a table with the same columns, but without keys, triggers and
constraints. Commits do not wait for the disk, so that only the server's work is measured.
"""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.sql_apply import BARE
from benchmarks.timing import Row, read_options, report, summarise
from lab.database.embedded.server import BOOTSTRAP, EmbeddedPostgres, start_embedded
from lab.migrations.apply import apply_migrations

BATCH = 25
TABLES = ("delivery_jobs", "consent_events", "admin_audit_events")
BEGIN = """
create schema floor;
create table floor.delivery_jobs as select * from public.delivery_jobs where false;
create table floor.consent_events as select * from public.consent_events where false;
create table floor.admin_audit_events as select * from public.admin_audit_events where false;
insert into auth.users (id, email) select gen_random_uuid(), n || '@example.org' from generate_series(1, 2000) n;
insert into public.oracle_scrolls (subject_id, question) select id, 'Will it rain?' from auth.users;
insert into public.oracle_artifacts (subject_id, scroll_id, kind)
select subject_id, id, 'pdf' from public.oracle_scrolls;
select count(public.record_consent(u.id, 'email_delivery', 'given', gen_random_uuid(), n.id))
  from auth.users u, (select id from public.consent_notices where purpose = 'email_delivery') n;
"""
ARTIFACT = "select subject_id, id from public.oracle_artifacts order by id limit 1 offset %(turn)s %% 2000"
ENQUEUE = f"""
select public.enqueue_delivery_job('email', a.subject_id, a.id, generation => %(turn)s) from ({ARTIFACT}) a
"""
DECIDE = f"""
select public.record_consent(a.subject_id, 'email_delivery', %(action)s, gen_random_uuid(),
                             (select id from public.consent_notices where purpose = 'email_delivery'))
  from ({ARTIFACT}) a
"""
AUDIT = "select public.record_audit_event('server', 'job.checked', 'delivery_jobs', %(turn)s::text)"
FLOOR = "insert into floor.{table} select * from floor.{table}_row"
ROWS = {
    "a job, bare insert": "delivery_jobs",
    "a consent, bare insert": "consent_events",
    "an audit line, bare insert": "admin_audit_events",
}


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=40)
    with tempfile.TemporaryDirectory() as folder:
        server = start_embedded(Path(folder) / "postgres")
        try:
            rows = _measure(server, options.rounds)
        finally:
            server.stop()
    report("Writes through the wall", rows, options.json, [f"Each run is {BATCH} transactions; times are of one."])


def _measure(server: EmbeddedPostgres, rounds: int) -> list[Row]:
    _prepare(server)
    with psycopg.connect(server.url(BARE), autocommit=True, prepare_threshold=0) as connection:
        connection.execute("set synchronous_commit = off")
        works = _works(connection)
        for work in works.values():
            _time_batch(work, 0)
        taken: dict[str, list[float]] = {name: [] for name in works}
        for turn in range(1, rounds + 1):
            for name, work in works.items():
                taken[name].append(_time_batch(work, turn * BATCH))
    floors = {table: summarise(name, taken[name]) for name, table in ROWS.items()}
    told = {
        "enqueue_delivery_job, an e-mail": floors["delivery_jobs"],
        "record_consent, withdrawn": floors["consent_events"],
        "record_consent, given": floors["consent_events"],
        "record_audit_event": floors["admin_audit_events"],
    }
    return [*floors.values(), *(summarise(name, taken[name], floor) for name, floor in told.items())]


def _prepare(server: EmbeddedPostgres) -> None:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        admin.execute(f"create database {BARE} owner postgres".encode())
    with psycopg.connect(server.admin_url(BARE)) as admin:
        admin.execute(BOOTSTRAP.read_bytes())
    apply_migrations(server.url(BARE))
    with psycopg.connect(server.admin_url(BARE)) as admin:
        admin.execute(BEGIN)
        admin.execute(ENQUEUE, {"turn": 0})
        admin.execute(AUDIT, {"turn": 0})
        for table in TABLES:
            row = f"create table floor.{table}_row as select * from public.{table} limit 1"
            admin.execute(row.encode())
        admin.execute("grant usage on schema floor to postgres; grant all on all tables in schema floor to postgres")


def _works(connection: psycopg.Connection[Any]) -> dict[str, Callable[[int], object]]:
    bare = {name: _insert(connection, FLOOR.format(table=table)) for name, table in ROWS.items()}
    return {
        **bare,
        "enqueue_delivery_job, an e-mail": lambda turn: connection.execute(ENQUEUE, {"turn": turn}),
        "record_consent, withdrawn": lambda turn: connection.execute(DECIDE, {"turn": turn, "action": "withdrawn"}),
        "record_consent, given": lambda turn: connection.execute(DECIDE, {"turn": turn, "action": "given"}),
        "record_audit_event": lambda turn: connection.execute(AUDIT, {"turn": turn}),
    }


def _insert(connection: psycopg.Connection[Any], statement: str) -> Callable[[int], object]:
    return lambda turn: connection.execute(statement.encode())


def _time_batch(work: Callable[[int], object], first: int) -> float:
    start = time.perf_counter()
    for turn in range(first, first + BATCH):
        work(turn)
    return (time.perf_counter() - start) / BATCH


if __name__ == "__main__":
    main()
