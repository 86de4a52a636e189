"""Measures how long the project's SQL takes on an empty database, on a server for this run.

The floor is the same SQL as one text, sent at once; a copy of a finished database shows what a template saves.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path

import psycopg

from benchmarks.timing import read_options, report, summarise, time_once
from lab.database.embedded.server import BOOTSTRAP, EmbeddedPostgres, start_embedded
from lab.migrations.apply import apply_migrations
from lab.migrations.files import read_migrations

BARE, FINISHED, SCRATCH = "benchmark_bare", "benchmark_finished", "benchmark_scratch"


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=7)
    with tempfile.TemporaryDirectory() as folder:
        server = start_embedded(Path(folder) / "postgres")
        try:
            seconds = _measure(server, options.rounds)
        finally:
            server.stop()
    floor = summarise("the same SQL as one text", [round_[0] for round_ in seconds])
    rows = [
        floor,
        summarise("apply_migrations, empty database", [round_[1] for round_ in seconds], floor),
        summarise("apply_migrations, nothing to do", [round_[2] for round_ in seconds], floor),
        summarise("copy of a finished database", [round_[3] for round_ in seconds], floor),
    ]
    text = "".join(migration.text for migration in read_migrations())
    report("SQL", rows, options.json, [f"{len(text) / 1000:.0f} kB of SQL in {len(read_migrations())} migrations."])


def _measure(server: EmbeddedPostgres, rounds: int) -> list[tuple[float, float, float, float]]:
    with psycopg.connect(server.admin_url(), autocommit=True) as admin:
        _create(admin, BARE, "template0")
        with psycopg.connect(server.admin_url(BARE)) as connection:
            connection.execute(BOOTSTRAP.read_bytes())
        _create(admin, FINISHED, BARE)
        apply_migrations(server.url(FINISHED))
        return [_measure_once(server, admin) for _ in range(rounds)]


def _measure_once(server: EmbeddedPostgres, admin: psycopg.Connection) -> tuple[float, float, float, float]:
    url = server.url(SCRATCH)

    def apply() -> object:
        return apply_migrations(url)

    _create(admin, SCRATCH, BARE)
    at_once = time_once(lambda: _execute(url))
    _create(admin, SCRATCH, BARE)
    applied, nothing = time_once(apply), time_once(apply)
    copied = time_once(_copying(admin))
    return at_once, applied, nothing, copied


def _execute(url: str) -> None:
    """Run all migrations as one text in one transaction."""
    text = "\n".join(migration.text for migration in read_migrations())
    with psycopg.connect(url) as connection:
        connection.execute(text.encode())


def _copying(admin: psycopg.Connection) -> Callable[[], object]:
    admin.execute(f"drop database {SCRATCH} with (force)".encode())
    return lambda: admin.execute(f"create database {SCRATCH} template {FINISHED} owner postgres".encode())


def _create(admin: psycopg.Connection, name: str, template: str) -> None:
    admin.execute(f"drop database if exists {name} with (force)".encode())
    admin.execute(f"create database {name} template {template} owner postgres".encode())


if __name__ == "__main__":
    main()
