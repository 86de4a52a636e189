"""The history of checks: what is kept, what changed, two processes at once, and files that are damaged."""

import multiprocessing
import sqlite3
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.readiness import history
from lab.readiness.changes import compare_runs, find_changes, make_trend
from lab.readiness.history import (
    HistoryUnavailable,
    KeptRun,
    find_history,
    keep_run,
    read_runs,
    read_targets,
    record_run,
)
from lab.readiness.report import make_report
from tests.readiness.reports import NOW, UNASKED, UNKNOWN, acceptance, answer, finding, report


def run(
    day: int, *keys: str, complete: bool = True, asked: bool = True, target: str = "shop", scope: str = ""
) -> KeptRun:
    """A run on a day that found these keys, in a family that was checked wholly, partly or not at all."""
    said = answer(*(finding(key) for key in keys), unknown=() if complete else (UNKNOWN,), asked=asked)
    layers = tuple(scope.split(",")) if scope else ()
    return keep_run(make_report(target, [said, UNASKED], started_at=NOW + timedelta(days=day), layers=layers))


def test_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "history.sqlite"
    made = report(
        finding(
            "a", severity="critical", seen="s3cret seen", why="s3cret why", repair="s3cret repair", subject="s3cret"
        ),
        finding("b"),
        unknown=(UNKNOWN,),
        accept=(acceptance("b", reason="s3cret reason"),),
    )
    record_run(path, keep_run(made))
    (kept,) = read_runs(path)
    assert kept == keep_run(made)
    assert [(f.key, f.severity, f.accepted) for f in kept.findings] == [("a", "critical", False), ("b", "high", True)]
    assert b"s3cret" not in path.read_bytes()
    assert kept.families == {"wall": "broken", "stripe": "not asked"}
    assert read_targets(path) == ("db.example:5432/shop",)
    assert make_trend([kept])[0].counts["critical"] == 1
    assert make_trend([kept])[0].counts["high"] == 0


CHANGES = [
    ("first", [run(1, "a")], {"new": "a"}),
    ("staying", [run(1, "a"), run(2, "a")], {"staying": "a"}),
    ("resolved", [run(1, "a", "b"), run(2, "b")], {"resolved": "a", "staying": "b"}),
    ("reopened", [run(1, "a"), run(2), run(3, "a")], {"reopened": "a"}),
    ("new beside others", [run(1, "a"), run(2, "a", "b")], {"new": "b", "staying": "a"}),
    ("not all was checked", [run(1, "a"), run(2, complete=False)], {"unverified": "a"}),
    ("not asked", [run(1, "a"), run(2, asked=False)], {"unverified": "a"}),
    ("seen again after it was not asked", [run(1, "a"), run(2, asked=False), run(3, "a")], {"staying": "a"}),
    ("resolved after it was not asked", [run(1, "a"), run(2, asked=False), run(3)], {"resolved": "a"}),
    ("long resolved", [run(1, "a"), run(2), run(3)], {}),
    ("other layers", [run(1, "a", "b"), run(2, "a", scope="echo")], {"staying": "a", "unverified": "b"}),
    ("new with other layers", [run(1), run(2, "a", scope="echo")], {"new": "a"}),
    ("resolved with its layers", [run(1, "a"), run(2, "a", scope="echo"), run(3, scope="echo")], {"resolved": "a"}),
    ("not with others", [run(1, "a", scope="echo"), run(2, scope="scroll")], {"unverified": "a"}),
    ("resolved with all layers", [run(1, "a", scope="echo"), run(2)], {"resolved": "a"}),
    ("reopened with fewer layers", [run(1, "a"), run(2), run(3, "a", scope="echo")], {"reopened": "a"}),
    ("back to all layers", [run(1, "a"), run(2, scope="echo"), run(3, "a")], {"staying": "a"}),
]


@pytest.mark.parametrize(("runs", "expected"), [case[1:] for case in CHANGES], ids=[case[0] for case in CHANGES])
def test_changes(runs: list[KeptRun], expected: dict[str, str]) -> None:
    found = {kind: ",".join(keys) for kind, keys in find_changes(runs) if keys}
    assert found == expected


def test_no_run_changes_nothing() -> None:
    assert find_changes([]) == find_changes([run(1)])


@settings(deadline=None)
@given(st.lists(st.tuples(st.sets(st.sampled_from("abc")), st.booleans()), min_size=1, max_size=6))
def test_every_key_is_in_one_kind_and_what_was_seen_is_there(steps: list[tuple[set[str], bool]]) -> None:
    runs = [run(day, *keys, complete=complete) for day, (keys, complete) in enumerate(steps)]
    changes = find_changes(runs)
    kinds = [set(keys) for _, keys in changes]
    assert sum(map(len, kinds)) == len(set().union(*kinds))
    assert {*changes.new, *changes.reopened, *changes.staying} == steps[-1][0]
    assert not (changes.resolved and not steps[-1][1])


def test_the_worst_comes_first() -> None:
    made = report(finding("a", severity="low"), finding("b", severity="critical"), finding("c", severity="low"))
    changes, difference = find_changes([keep_run(made)]), compare_runs(keep_run(made), keep_run(report()))
    assert changes.new == difference.only_left == ("b", "a", "c")


def test_compare_two_targets() -> None:
    found = compare_runs(run(1, "a", "b", target="staging"), run(1, "b", "c", target="production", complete=False))
    assert (found.only_left, found.only_right, found.both) == ((), ("c",), ("b",))
    assert found.not_comparable == ("wall",)
    found = compare_runs(run(1, "a", "b"), run(1, "b", "c"))
    assert (found.only_left, found.only_right, found.both) == (("a",), ("c",), ("b",))
    assert found.not_comparable == ()


def test_what_only_one_of_two_asked_is_on_no_side() -> None:
    plain, probing = run(1, "a"), run(2, "a", "tried")
    tried = next(finding for finding in probing.findings if finding.key == "tried")
    others = tuple(finding for finding in probing.findings if finding.key != "tried")
    families = {**probing.families, "probes": "broken"}
    probing = probing.model_copy(
        update={
            "findings": (*others, tried.model_copy(update={"family": "probes"})),
            "families": families,
            "complete": probing.complete | {"probes"},
        }
    )
    found = compare_runs(plain, probing)
    assert (found.only_left, found.only_right, found.both) == ((), (), ("a",))
    assert found.not_comparable == ("probes",)


def test_a_check_of_some_layers_says_nothing_of_the_others() -> None:
    whole, part = run(1, "a", "b"), run(2, "b", "c").model_copy(update={"scope": "scroll"})
    found = compare_runs(whole, part)
    assert (found.only_left, found.only_right, found.both) == ((), ("c",), ("b",))
    assert found.not_comparable == ("wall",)


def test_order_and_target(tmp_path: Path) -> None:
    path = tmp_path / "h"
    for day, target in ((2, "x"), (1, "x"), (3, "y")):
        record_run(path, run(day, target=target))
    assert [kept.started_at.day for kept in read_runs(path, "x")] == [23, 24]
    assert [kept.started_at.day for kept in read_runs(path, "x", limit=1)] == [24]
    assert read_runs(path, "z") == ()
    assert read_targets(path) == ("x", "y")


def test_pruned_by_number_and_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "h"
    monkeypatch.setattr(history, "KEEP_RUNS", 3)
    for day in range(5):
        record_run(path, run(day, "a"))
    record_run(path, run(0, target="another"))
    assert [kept.started_at.day for kept in read_runs(path, "shop")] == [24, 25, 26]
    record_run(path, run(history.KEEP_DAYS + 10))
    assert len(read_runs(path, "shop")) == 1
    assert len(read_runs(path, "another")) == 1
    with sqlite3.connect(path) as connection:
        assert connection.execute("select count(*) from run_finding").fetchone() == (0,)


def _record_many(path: Path, days: Iterable[int]) -> None:
    for day in days:
        record_run(path, run(day, "a", target=f"t{day % 2}"))


def test_two_processes_at_once(tmp_path: Path) -> None:
    path = tmp_path / "history.sqlite"
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_record_many, args=(path, range(start, 16, 2))) for start in (0, 1)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert len(read_runs(path)) == 16


def test_a_held_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "h"
    record_run(path, run(1))
    monkeypatch.setattr(history, "WAIT_SECONDS", 0.1)
    holding = sqlite3.connect(path, isolation_level=None)
    holding.execute("begin exclusive")
    with pytest.raises(HistoryUnavailable, match="another process has held it"):
        record_run(path, run(2))
    holding.rollback()
    holding.close()
    assert len(read_runs(path)) == 1


def test_damaged_and_foreign_files_are_left_alone(tmp_path: Path) -> None:
    text, foreign, newer, cut = (tmp_path / name for name in ("text", "foreign", "newer", "cut"))
    text.write_text("not a database at all, but rather long " * 100)
    with sqlite3.connect(foreign) as connection:
        connection.execute("create table run (mine text)")
    record_run(newer, run(1))
    with sqlite3.connect(newer) as connection:
        connection.execute("pragma user_version = 9")
    record_run(cut, run(1, *(f"key {number}" * 50 for number in range(500))))
    cut.write_bytes(cut.read_bytes()[:6000])
    said = ((text, "is damaged"), (foreign, "another program's"), (newer, "newer version"), (cut, "is damaged"))
    for path, sentence in said:
        before = path.read_bytes()
        with pytest.raises(HistoryUnavailable, match=sentence):
            record_run(path, run(2))
        with pytest.raises(HistoryUnavailable, match=sentence):
            read_runs(path)
        assert path.read_bytes() == before


def test_folders(tmp_path: Path) -> None:
    assert find_history({"PERSISTENCE_LAB_HOME": str(tmp_path)}) == tmp_path / "history.sqlite"
    assert find_history({}).parent.name == ".lab"
    (tmp_path / "file").write_text("")
    with pytest.raises(HistoryUnavailable, match="PERSISTENCE_LAB_HOME"):
        record_run(tmp_path / "file" / "history.sqlite", run(1))
    assert read_runs(tmp_path / "none" / "history.sqlite") == ()
    assert not (tmp_path / "none").exists()
