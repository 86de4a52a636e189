"""How long one check of a database takes, beside pg_dump, warm and cold, and with thousands of tables of others."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg

from benchmarks.timing import Row, read_options, report, summarise, time_once
from lab.check import check_connection, check_database
from lab.database import connect
from tests import servers

STRANGERS = """
do $$ begin
  for i in {first}..{last} loop
    execute format('create table public.foreign_%s (id int primary key, a text check (a <> %L), b int unique)', i, '');
    execute format('alter table public.foreign_%s enable row level security', i);
  end loop;
end $$
"""
COLD = "import sys; from lab.check import check_database; check_database(sys.argv[1])"


def _connect(url: str) -> None:
    with connect(url, read_only=True) as connection:
        connection.execute("select 1")


def _run_cold(url: str) -> None:
    subprocess.run([sys.executable, "-c", COLD, url], check=True)


def _add(place: servers.Database, many: int, already: int) -> None:
    """Add tables of others, a thousand at a time: each creation holds locks until its transaction ends."""
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for first in range(already + 1, many, 1000):
            admin.execute(STRANGERS.format(first=first, last=first + 999))
        admin.execute("vacuum analyze")


def _compare_with_dump(place: servers.Database, rounds: int) -> Iterator[Row]:
    """Check on an open connection, in turns with a dump of the schema: both then have the same neighbours."""
    program = servers.find_programs(place.server.major) / "pg_dump"
    checks, dumps = [], []
    with connect(place.url, read_only=True) as connection:

        def check() -> None:
            check_connection(connection)
            connection.rollback()

        def dump() -> None:
            subprocess.run([program, "--schema-only", "-d", place.url], stdout=subprocess.DEVNULL, check=True)

        check()
        for _ in range(rounds):
            dumps.append(time_once(dump))
            checks.append(time_once(check))
    floor = summarise("pg_dump --schema-only", dumps)
    yield floor
    yield summarise("check, connected and warm", checks, floor)


def _measure(place: servers.Database, rounds: int) -> Iterator[Row]:
    yield from _compare_with_dump(place, rounds)
    floor = summarise("connect and ask one thing", [time_once(lambda: _connect(place.url)) for _ in range(rounds)])
    yield floor
    already = 0
    for many in (0, 1000, 5000):
        _add(place, many, already)
        already = many
        time_once(lambda: check_database(place.url))
        warm = [time_once(lambda: check_database(place.url)) for _ in range(rounds)]
        yield summarise(f"check, {many:,} tables of others", warm, floor)
        cold = [time_once(lambda: _run_cold(place.url)) for _ in range(max(3, rounds // 5))]
        yield summarise(f"check from a cold start, {many:,} tables of others", cold, floor)


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=20)
    handle = servers.open_run()
    try:
        place = servers.clone_database(servers.start_server(18), "migrated")
        trips = check_database(place.url).round_trips
        rows = list(_measure(place, options.rounds))
        report("Checking a database", rows, options.json, [f"{trips} round trips, after connecting; Postgres 18."])
        servers.drop_database(place)
    finally:
        servers.close_run(handle)


if __name__ == "__main__":
    main()
