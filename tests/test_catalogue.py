"""Reading a catalogue: the same every time, in one go, with few rights, and past everything that is not ours."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.checks.schema.check import SchemaCheck, check_database
from lab.checks.schema.every_kind import KINDS
from lab.checks.schema.expected import (
    EXPECTED_FOLDER,
    NoExpectedCatalogue,
    load_expected,
    make_expected,
    write_expected,
)
from lab.checks.schema.kind import FAMILIES
from lab.checks.schema.queries import QUERY_FOLDER, read_query
from lab.checks.schema.read import read_catalogue
from lab.database.connect import LimitedConnection, connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.migrations.apply import apply_migrations
from lab.sql import make_migrations

Make = Callable[..., Database]


def test_expected_catalogues_are_what_the_rules_make(each_server: EmbeddedPostgres, database: Make) -> None:
    path = EXPECTED_FOLDER / f"{each_server.major}.json"
    place = database(each_server, "bare")
    apply_migrations(place.url, make_migrations())
    made = make_expected(place.url)
    assert made == path.read_text(), f"{path.name} is old: write it again with `python -m lab expected`"


def test_expected_catalogues_are_written_by_major(
    server: EmbeddedPostgres, shared_database: Make, tmp_path: Path
) -> None:
    paths = write_expected([shared_database(server).url], tmp_path)
    assert [path.name for path in paths] == [f"{server.major}.json"]
    assert paths[0].read_text() == (EXPECTED_FOLDER / paths[0].name).read_text()


def test_an_unknown_old_major_has_no_expected_catalogue() -> None:
    with pytest.raises(NoExpectedCatalogue, match=r"Postgres 14: .* Upgrade it"):
        load_expected(14)
    assert load_expected(99).major == 18


def test_every_query_is_some_kinds() -> None:
    queries = {path.stem: path.read_text() for path in QUERY_FOLDER.glob("*.sql") if path.stem != "scope"}
    assert {read_query(name) for name in queries} == {kind.query for kind in KINDS}
    assert all(text.startswith("-- ") for text in queries.values())


def test_every_kind_is_in_a_family() -> None:
    assert {kind.family for kind in KINDS} == set(FAMILIES)
    assert len({kind.name for kind in KINDS}) == len(KINDS)


def test_everything_comes_in_one_message(server: EmbeddedPostgres, shared_database: Make) -> None:
    with connect(shared_database(server).url, read_only=True) as connection:
        catalogue = read_catalogue(connection)
        assert catalogue.round_trips == 1
        assert connection.execute("select count(*) from pg_prepared_statements").fetchone() == (0,)
        connection.rollback()
        settings = "select current_setting('lab.relations', true), current_setting('search_path')"
        relations, path = connection.execute(settings).fetchone() or (None, None)
        assert (relations, path) != ("", "")
        assert not relations  # nothing outlives the transaction


def test_a_check_takes_three_round_trips(
    server: EmbeddedPostgres, shared_database: Make, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Counted by the driver's own record of what it sent: BEGIN with its limits, all queries, ROLLBACK."""
    with (tmp_path / "trace").open("w+") as trace:

        def connect_traced(*arguments: Any, **named: Any) -> LimitedConnection:
            connection = connect(*arguments, **named)
            connection.pgconn.trace(trace.fileno())
            return connection

        monkeypatch.setattr("lab.checks.schema.check.connect", connect_traced)
        report = check_database(shared_database(server).url)
        trace.seek(0)
        sent = [line.rstrip().split("\t") for line in trace]
    messages = [parts[3] for parts in sent if len(parts) > 3 and parts[1] == "F" and parts[3] != "Terminate"]
    assert messages == ["Query"] * 3
    assert (report.state, report.round_trips) == ("holds", 3)


STRANGERS = """
do $$ begin
  for i in 1..1000 loop
    execute format('create table public.foreign_%s (id int primary key, a text check (a <> %L), b int unique)', i, '');
    execute format('alter table public.foreign_%s enable row level security', i);
  end loop;
end $$
"""


def test_foreign_tables_cost_next_to_nothing(server: EmbeddedPostgres, database: Make) -> None:
    """A reader that asked about each of a thousand tables would take a second and more."""
    place = database(server)
    before = quickest(place.url)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        admin.execute(STRANGERS)
        admin.execute("vacuum analyze")
    assert check_database(place.url).state == "holds"
    assert quickest(place.url) < 4 * before + 0.1


def quickest(url: str) -> float:
    times = []
    for _ in range(8):
        started = time.perf_counter()
        check_database(url)
        times.append(time.perf_counter() - started)
    return min(times)


def look(admin: psycopg.Connection, place: Database) -> SchemaCheck:
    """Check as a role that may log in and nothing else."""
    name = f"looker_{place.name}"
    admin.execute(f"create role {name} login")
    try:
        return check_database(place.server.url(place.name, name))
    finally:
        admin.execute(f"drop role {name}")


BUCKETS = ["which buckets are public"]  # unknown to every role that row-level security applies to


def test_any_role_may_look(each_server: EmbeddedPostgres, database: Make) -> None:
    place = database(each_server)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        report = look(admin, place)
    assert report.findings == ()
    assert [entry.what for entry in report.unknown] == BUCKETS


def test_what_may_not_be_read_is_unknown(server: EmbeddedPostgres, database: Make) -> None:
    place = database(server)
    with psycopg.connect(place.admin_url, autocommit=True) as admin:
        admin.execute("revoke select on pg_catalog.pg_policy from public")
        admin.execute("alter table public.products disable trigger products_fixed")
        report = look(admin, place)
    unread = {
        "the catalogue's policies",
        "the catalogue's policies of the platform's tables",
        "the catalogue's undeclared tables and views",
        "the catalogue's closed undeclared tables and views",
        "the catalogue's tables of the platform",
        "the catalogue's functions in expressions",
    }
    assert {entry.what for entry in report.unknown} == {*unread, *BUCKETS}
    assert "may not read this" in report.unknown[0].why
    weighing = [finding.key for finding in report.findings if finding.weighs]
    assert weighing == ["trigger:public.products.products_fixed:enabled"]


@pytest.mark.parametrize("family", FAMILIES)
def test_one_family_alone(server: EmbeddedPostgres, shared_database: Make, family: str) -> None:
    report = check_database(shared_database(server).url, families=(family,))
    assert (report.state, report.findings, report.families) == ("holds", (), (family,))
