"""Measures one check of a database against pg_dump, warm and cold, and with thousands of foreign tables."""

import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import psycopg

from benchmarks.timing import Row, read_options, report, summarise, time_once
from fixtures import servers
from lab.checks.schema.check import check_connection, check_database
from lab.database.connect import connect

STRANGERS = """
do $$ begin
  for i in {first}..{last} loop
    execute format('create table public.foreign_%s (id int primary key, a text check (a <> %L), b int unique)', i, '');
    execute format('alter table public.foreign_%s enable row level security', i);
  end loop;
end $$
"""
COLD = "import sys; from lab.checks.schema.check import check_database; check_database(sys.argv[1])"


def _connect(url: str) -> None:
    with connect(url, read_only=True) as connection:
        connection.execute("select 1")


def _run_cold(url: str) -> None:
    subprocess.run([sys.executable, "-c", COLD, url], check=True)


def _add(place: servers.Database, many: int) -> None:
    """Add foreign tables, a thousand in a transaction, because each creation holds locks until the end."""
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        for first in range(1, many, 1000):
            admin.execute(STRANGERS.format(first=first, last=first + 999))
        admin.execute("vacuum analyze")


def _compare_with_dump(place: servers.Database, rounds: int) -> Iterator[Row]:
    """Check on an open connection, in turns with a dump of the schema, so that other load affects both alike."""
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


def _measure(rounds: int) -> Iterator[Row]:
    """Check databases with no, some and many foreign tables in turns, so that other load affects all alike."""
    server = servers.start_server(18)
    places = {many: servers.clone_database(server, "migrated") for many in (0, 1000, 5000)}
    yield from _compare_with_dump(places[0], rounds)
    for many, place in places.items():
        _add(place, many)
    rounds_of_cold = max(3, rounds // 5)
    warm = _take_turns({many: partial(check_database, place.url) for many, place in places.items()}, rounds)
    cold = _take_turns({many: partial(_run_cold, place.url) for many, place in places.items()}, rounds_of_cold)
    for told, times in (("check", warm), ("check from a cold start", cold)):
        floor = summarise(f"{told}, no tables of others", times[0])
        yield floor
        yield from (summarise(f"{told}, {many:,} tables of others", times[many], floor) for many in (1000, 5000))
    for place in places.values():
        servers.drop_database(place)


def _take_turns(actions: Mapping[int, Callable[[], object]], rounds: int) -> dict[int, list[float]]:
    times: dict[int, list[float]] = {many: [] for many in actions}
    for action in actions.values():
        action()
    for _ in range(rounds):
        for many, action in actions.items():
            times[many].append(time_once(action))
    return times


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=20)
    handle = servers.open_run()
    try:
        place = servers.clone_database(servers.start_server(18), "migrated")
        trips = check_database(place.url).round_trips
        servers.drop_database(place)
        rows = list(_measure(options.rounds))
        report("Checking a database", rows, options.json, [f"{trips} round trips, after connecting; Postgres 18."])
    finally:
        servers.close_run(handle)


if __name__ == "__main__":
    main()
