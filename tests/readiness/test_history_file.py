"""The history as a file: one of an earlier version, and files that can't be used."""

import os
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from lab.readiness.history import HistoryUnavailable, read_runs, read_targets, record_run
from tests.readiness.reports import run

# What the lab wrote before it used SQLAlchemy.
EARLIER = """
create table run (
  id integer primary key,
  target text not null,
  scope text not null, -- the layers that the check was limited to
  started_at text not null, -- ISO 8601, UTC
  verdict text not null,
  unknown_count integer not null
);
create index run_target on run (target, started_at);
create table run_family (
  run_id integer not null references run on delete cascade,
  family text not null,
  state text not null,
  complete integer not null, -- 1 when a finding's absence means that it is gone
  primary key (run_id, family)
) without rowid;
create table run_finding (
  run_id integer not null references run on delete cascade,
  key text not null,
  family text not null,
  severity text not null,
  accepted integer not null,
  primary key (run_id, key)
) without rowid;
pragma application_id = 2002873452;
pragma user_version = 1;
insert into run values (7, 'shop', '', '2026-11-23T12:00:00.000000+00:00', 'not ready', 0);
insert into run_family values (7, 'wall', 'broken', 1), (7, 'stripe', 'not asked', 0);
insert into run_finding values (7, 'a', 'wall', 'high', 0);
"""


def test_a_file_of_an_earlier_version_is_read_and_written_on(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    with closing(sqlite3.connect(path)) as file:
        file.executescript(EARLIER)
    assert read_runs(path) == (run(1, "a"),)
    record_run(path, run(2, "b"))
    assert read_runs(path) == (run(1, "a"), run(2, "b"))
    assert read_targets(path) == ("shop",)


def test_damaged_files_are_left_alone(tmp_path: Path) -> None:
    text, cut = tmp_path / "text", tmp_path / "cut"
    text.write_text("not a database at all, but rather long " * 100)
    record_run(cut, run(1, *(f"key {number}" * 50 for number in range(500))))
    cut.write_bytes(cut.read_bytes()[:6000])
    for path in (text, cut):
        before = path.read_bytes()
        with pytest.raises(HistoryUnavailable, match="is damaged"):
            record_run(path, run(2))
        with pytest.raises(HistoryUnavailable, match="is damaged"):
            read_runs(path)
        assert path.read_bytes() == before


def test_a_file_that_may_only_be_read_is_read() -> None:
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to everybody else
        path = Path(folder) / "history.sqlite"
        record_run(path, run(1, "a"))
        path.chmod(0o444)
        Path(folder).chmod(0o555)
        with without_privileges():
            assert read_runs(path) == (run(1, "a"),)
            with pytest.raises(HistoryUnavailable, match=r"cannot be used \(attempt to write a readonly database\)"):
                record_run(path, run(2))
        Path(folder).chmod(0o755)


@contextmanager
def without_privileges() -> Iterator[None]:
    """Be nobody meanwhile: a superuser may write every file."""
    mine = os.geteuid()
    if not mine:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(mine)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryUnavailable, match="PERSISTENCE_LAB_HOME"):
        record_run(tmp_path / "file" / "history.sqlite", run(1))


def test_it_is_for_its_owner_s_eyes(tmp_path: Path) -> None:
    """Also one that was made with more rights, and whatever SQLite puts beside it."""
    path, before = tmp_path / "history.sqlite", os.umask(0)
    try:
        record_run(path, run(1, "a"))
        assert path.stat().st_mode & 0o777 == 0o600
        path.chmod(0o644)
        assert read_runs(path) == (run(1, "a"),)
        assert path.stat().st_mode & 0o777 == 0o600
        with closing(sqlite3.connect(path)) as file:
            file.execute("begin immediate")
            file.execute("delete from run")
            assert {place.stat().st_mode & 0o777 for place in tmp_path.iterdir()} == {0o600}
    finally:
        os.umask(before)
    other = tmp_path / "other"
    other.write_bytes(b"SQLite format 3\0" + b"x" * 100)
    other.chmod(0o644)
    with pytest.raises(HistoryUnavailable):
        read_runs(other)
    assert other.stat().st_mode & 0o777 == 0o644


def test_a_locked_file_delays_no_reader(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    record_run(path, run(1, "a"))
    with closing(sqlite3.connect(path)) as file:
        file.execute("begin exclusive")
        started = time.perf_counter()
        with pytest.raises(HistoryUnavailable, match="another process has held it"):
            read_runs(path)
    assert time.perf_counter() - started < 2
    assert read_runs(path) == (run(1, "a"),)


# What is odd about a file that has our mark -> what is said.
ODD = {
    "a verdict": "update run set verdict = 'splendid'",
    "a time": "update run set started_at = 'yesterday'",
    "a time of another kind": "update run set started_at = 7",
    "a text that is none": "update run set target = x'ff00'",
    "no verdict": "pragma writable_schema = on; update sqlite_master set sql = replace(sql, 'verdict TEXT NOT NULL',"
    " 'verdict TEXT'); pragma writable_schema = reset; update run set verdict = null",
    "a number that is none": "update run set unknown_count = 'many'",
    "a table that is gone": "drop table run_finding",
    "a column that is gone": "alter table run rename column scope to scopes",
}


@pytest.mark.parametrize("odd", ODD)
def test_an_odd_file_is_named_and_left_alone(tmp_path: Path, odd: str) -> None:
    path = tmp_path / "history.sqlite"
    record_run(path, run(1, "a"))
    with closing(sqlite3.connect(path)) as file:
        file.executescript(ODD[odd])
    before = path.read_bytes()
    with pytest.raises(HistoryUnavailable, match=r"history\.sqlite: (has content|cannot be used|is another)"):
        read_runs(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")], ids=["pipe", "folder", "device"]
)
def test_what_is_no_file_is_named_at_once(tmp_path: Path, make: Callable[[Path], object]) -> None:
    path = tmp_path / "history.sqlite"
    make(path)
    started = time.perf_counter()
    for use in (read_runs, read_targets, lambda place: record_run(place, run(1, "a"))):
        with pytest.raises(HistoryUnavailable, match=r"is not a file|Is a directory"):
            use(path)
    assert time.perf_counter() - started < 2


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    path.symlink_to(tmp_path / "none" / "history.sqlite")
    with pytest.raises(HistoryUnavailable, match="No such file"):
        read_runs(path)
