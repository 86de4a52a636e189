"""The history of checks, as a file and as a schema of Postgres: what is kept, for how long, and by several at once."""

import multiprocessing
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import psycopg
import pytest

from lab.database.embedded.server import EmbeddedPostgres
from lab.readiness.changes import make_trend
from lab.readiness.history import (
    History,
    HistoryUnavailable,
    SharedHistory,
    access,
    find_history,
    keep_run,
    read_runs,
    read_targets,
    record_run,
    records,
)
from lab.readiness.history.postgres_schema import SCHEMA
from lab.text.product_files import PROJECT
from tests.readiness.reports import UNKNOWN, acceptance, finding, report, run

TABLES = ("run", "run_family", "run_finding")


@pytest.fixture(params=["file", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path, database: Callable[..., Any]) -> History:
    """Give a place that holds no history yet."""
    if request.param == "file":
        return tmp_path / "deep" / "history.sqlite"
    return SharedHistory(database(request.getfixturevalue("server"), "bare").url)


def read_all(place: History) -> dict[str, list[tuple[Any, ...]]]:
    """Return everything that the tables hold, by a driver of its own."""
    if isinstance(place, Path):
        with closing(sqlite3.connect(place)) as file:
            return {table: file.execute(f"select * from {table}").fetchall() for table in TABLES}
    with psycopg.connect(place.url) as shared:
        queries = {table: f"select * from {SCHEMA}.{table}" for table in TABLES}
        return {table: shared.execute(query.encode()).fetchall() for table, query in queries.items()}


def test_what_is_kept(place: History) -> None:
    made = report(
        finding(
            "a", severity="critical", seen="s3cret seen", why="s3cret why", repair="s3cret repair", subject="s3cret"
        ),
        finding("b"),
        unknown=(UNKNOWN,),
        accept=(acceptance("b", reason="s3cret reason"),),
    )
    record_run(place, keep_run(made))
    (kept,) = read_runs(place)
    assert kept == keep_run(made)
    assert [(f.key, f.severity, f.accepted) for f in kept.findings] == [("a", "critical", False), ("b", "high", True)]
    assert "s3cret" not in str(read_all(place))
    assert kept.families == {"wall": "broken", "stripe": "not asked"}
    assert read_targets(place) == ("db.example:5432/shop",)
    assert make_trend([kept])[0].counts["critical"] == 1
    assert make_trend([kept])[0].counts["high"] == 0


def test_times_are_read_in_utc(place: History) -> None:
    record_run(place, run(1))
    assert [f"{kept.started_at:%Y-%m-%d %H:%M %z}" for kept in read_runs(place)] == ["2026-11-23 12:00 +0000"]


def test_order_and_target(place: History) -> None:
    for day, target in ((2, "x"), (1, "x"), (3, "y")):
        record_run(place, run(day, "b", "B", "a", target=target))
    assert [kept.started_at.day for kept in read_runs(place, "x")] == [23, 24]
    assert [kept.started_at.day for kept in read_runs(place, "x", limit=1)] == [24]
    assert [kept.started_at.day for kept in read_runs(place)] == [23, 24, 25]
    assert {tuple(found.key for found in kept.findings) for kept in read_runs(place)} == {("B", "a", "b")}
    assert read_runs(place, "z") == ()
    assert read_targets(place) == ("x", "y")


def test_a_run_without_findings_and_one_with_thousands(place: History) -> None:
    runs = (run(1), run(2, *(f"key {number:05}" for number in range(5000))))
    for one in runs:
        record_run(place, one)
    assert read_runs(place) == runs


def test_pruned_by_number_and_age(place: History, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "KEEP_RUNS", 3)
    for day in range(5):
        record_run(place, run(day, "a"))
    record_run(place, run(0, target="another"))
    assert [kept.started_at.day for kept in read_runs(place, "shop")] == [24, 25, 26]
    record_run(place, run(records.KEEP_DAYS + 10))
    assert len(read_runs(place, "shop")) == 1
    assert len(read_runs(place, "another")) == 1
    assert read_all(place)["run_finding"] == []


def _record_many(place: History, first: int) -> None:
    for day in range(first, 16, 4):
        record_run(place, run(day, "a", target=f"t{day % 2}"))


def test_four_processes_at_once_of_which_one_makes_the_tables(place: History) -> None:
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_record_many, args=(place, first)) for first in range(4)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0, 0, 0]
    assert len(read_runs(place)) == 16


def test_reading_makes_nothing(place: History) -> None:
    assert (read_runs(place), read_targets(place)) == ((), ())
    if isinstance(place, SharedHistory):
        with psycopg.connect(place.url) as shared:
            assert shared.execute("select to_regnamespace(%s)", [SCHEMA]).fetchone() == (None,)
    else:
        assert not place.parent.exists()
        place.parent.mkdir()
        place.touch()
        assert read_runs(place) == ()
        assert place.read_bytes() == b""


def test_a_held_history(place: History, monkeypatch: pytest.MonkeyPatch) -> None:
    record_run(place, run(1))
    monkeypatch.setattr(access, "WAIT_SECONDS", 0.1)
    holding: Any = sqlite3.connect(place) if isinstance(place, Path) else psycopg.connect(place.url)
    with closing(holding):
        if isinstance(place, Path):
            holding.execute("begin exclusive")
        else:
            holding.execute(f"lock table {SCHEMA}.run")
        with pytest.raises(HistoryUnavailable, match=r"another process has held it for 0\.1 s\. Try again"):
            record_run(place, run(2))
        with pytest.raises(HistoryUnavailable, match="another process has held it"):
            read_runs(place)
    assert len(read_runs(place)) == 1


def test_what_others_made_is_left_alone(place: History) -> None:
    foreign: tuple[str, ...] = ("create table run (mine text)",)
    if isinstance(place, SharedHistory):
        foreign = (f"create schema {SCHEMA}", f"create table {SCHEMA}.run (mine text)")
    _execute(place, *foreign)
    _expect_refusal(place, "another program's")


def test_a_schema_of_functions_is_another_programs(server: EmbeddedPostgres, database: Callable[..., Any]) -> None:
    shared = SharedHistory(database(server, "bare").url)
    _execute(shared, f"create schema {SCHEMA}", f"create function {SCHEMA}.run() returns int return 1")
    _expect_refusal(shared, "another program's")


def test_what_a_newer_version_made_is_left_alone(place: History) -> None:
    record_run(place, run(1))
    newer = f"comment on table {SCHEMA}.run is 'persistence-lab: history of checks, version 9'"
    _execute(place, "pragma user_version = 9" if isinstance(place, Path) else newer)
    _expect_refusal(place, "newer version")


def _execute(place: History, *statements: str) -> None:
    if isinstance(place, Path):
        place.parent.mkdir(exist_ok=True)
    connection: Any = sqlite3.connect(place) if isinstance(place, Path) else psycopg.connect(place.url)
    with closing(connection):
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def _expect_refusal(place: History, sentence: str) -> None:
    """Expect that nothing is written, read or changed, and that it is said where and why."""
    before = place.read_bytes() if isinstance(place, Path) else _list_columns(place)
    for use in (lambda: record_run(place, run(2)), lambda: read_runs(place), lambda: read_targets(place)):
        with pytest.raises(HistoryUnavailable, match=sentence) as raised:
            use()
        assert str(raised.value).startswith(f"{place}: ")
        assert "LAB_HISTORY_URL" in str(raised.value)
    assert before == (place.read_bytes() if isinstance(place, Path) else _list_columns(place))


def _list_columns(place: SharedHistory) -> list[tuple[Any, ...]]:
    query = "select table_name, column_name from information_schema.columns where table_schema = %s order by 1, 2"
    with psycopg.connect(place.url) as shared:
        return shared.execute(query, [SCHEMA]).fetchall()


def test_places(tmp_path: Path) -> None:
    assert find_history({"PERSISTENCE_LAB_HOME": str(tmp_path)}) == tmp_path / "history.sqlite"
    assert find_history({"LAB_HISTORY_URL": "sqlite:////srv/checks.sqlite"}) == Path("/srv/checks.sqlite")
    assert find_history({"LAB_HISTORY_URL": "sqlite:///checks.sqlite"}) == Path("checks.sqlite")
    assert isinstance(home := find_history({}), Path)
    assert home.parent.name == ".lab"


def test_whoever_keeps_nothing_does_not_wait_for_sqlalchemy() -> None:
    plan = "from lab.cli import main; main(['plan', '--layer', 'scroll'])"
    program = f"import sys; {plan}; sys.exit('sqlalchemy' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
