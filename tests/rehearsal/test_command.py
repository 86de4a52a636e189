"""`lab rehearse`: its report, one schedule told as a story, wrong options; and a cluster of which a machine dies."""

import json
from pathlib import Path

import pytest

from lab.checks.state import State
from lab.cli import rehearsal_actions
from lab.cli.commands import main
from lab.rehearsal.part_runs import _RUNS, run_part
from lab.rehearsal.parts import Part, list_parts
from lab.rehearsal.record import read_recorded
from lab.rehearsal.report import KINDS
from lab.rehearsal.spread import spread
from lab.rehearsal.wishes import BY_ID as WISHES
from lab.rehearsal.wishes import reading


def test_a_short_rehearsal(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PERSISTENCE_LAB_HOME", str(tmp_path))
    monkeypatch.setattr(rehearsal_actions, "list_parts", lambda **_: [Part(what="crashes")])
    assert read_recorded(tmp_path).state is State.UNKNOWN
    assert main(["rehearse", "--json"]) == 0
    told = json.loads(capfd.readouterr().out)
    assert told["holds"] is True
    assert told["crash_points"] > 100
    assert told["failures"] == []
    recorded = read_recorded(tmp_path)
    assert recorded.state is State.HOLDS
    assert f"{told['crash_points']} crash points" in recorded.seen
    assert "planted bugs" not in recorded.seen


def test_a_schedule_is_told_as_a_story(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--play", "blind crash@send/receipt.email/1/after"]) == 0
    told = capfd.readouterr().out
    assert "send/receipt.email/1/after  <- crash\nreceipt.email is killed" in told


def test_a_schedule_with_a_bug(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--play", "blind crash@send/receipt.email/1/after", "--plant", "blind_repeats"]) == 1
    assert "broken: No message reaches its person twice." in capfd.readouterr().out


WRONG = (
    ["--play", "blind", "--plant", "x"],
    ["--seeds", "-1"],
    ["--play", "blind nothing@here"],
    ["--outage", "refunds"],
)


def test_one_story_at_a_time(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rehearse", "--play", "blind", "--order", "1"])
    assert ended.value.code == 2
    assert "not allowed with" in capfd.readouterr().err


@pytest.mark.parametrize("options", WRONG)
def test_wrong_options(options: list[str], capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", *options]) == 2
    assert capfd.readouterr().err.startswith("error: ")


def test_nobody_answers_at_the_address(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--distributed", "tcp://127.0.0.1:9"]) == 2
    assert "error: The cluster" in capfd.readouterr().err


def test_parts_cover_everything_once() -> None:
    parts = list_parts(seeds=503, pairs=True, singles=True, bugs=False, shares=4)
    drawn = [part for part in parts if part.what == "drawn"]
    assert [part.share for part in drawn if part.wish == reading.id] == [(place, 4) for place in range(4)]
    assert {(part.seeds, part.singles) for part in drawn if part.wish == reading.id} == {
        ((0, 503 - 5 * (len(WISHES) - 1)), True)
    }
    assert sum(part.seeds[1] for part in drawn if part.share[0] == 0) == 503
    assert {part.wish for part in drawn} == set(WISHES)
    crashes = [part for part in parts if part.what == "crashes"]
    assert len({(part.ability, part.share) for part in crashes if part.wish == reading.id}) == 8
    assert {part.wish for part in crashes} == set(WISHES)


def test_every_kind_of_part_has_a_name_in_the_report() -> None:
    assert KINDS.keys() == _RUNS.keys()


def test_a_machine_that_dies_loses_nothing() -> None:
    from distributed import LocalCluster

    parts = [Part(what="drawn", seeds=(0, 1)), Part(what="drawn", seeds=(1, 2)), Part(what="kills", share=(1, 80))]
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:  # type: ignore[no-untyped-call]
        done = []
        for outcome in spread(parts, cluster.scheduler_address):
            done.append(outcome)
            if len(done) == 1:
                next(iter(cluster.workers.values())).process.process.kill()
    here = [run_part(part) for part in parts]
    assert sorted(map(repr, (one.part for one in done))) == sorted(map(repr, parts))
    assert {repr(one.part): (one.failed, one.schedules) for one in done} == {
        repr(one.part): (one.failed, one.schedules) for one in here
    }
