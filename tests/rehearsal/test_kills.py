"""A process that is really killed at a point of a play with real commits; another one finishes what it has left."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

import pytest

from lab.rehearsal.copies import MIGRATED, open_migrated
from lab.rehearsal.kills import Killer, open_killer
from lab.rehearsal.part_runs import run_part
from lab.rehearsal.parts import Part

POINTS = 160  # of a play without faults; a place behind the last one lets the play end by itself


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """What kills processes, on a server of its own."""
    with open_migrated() as server, open_killer(server, MIGRATED) as opened:
        yield opened


@pytest.mark.sample(every=40)
@pytest.mark.parametrize("place", range(POINTS))
@pytest.mark.parametrize("ability", ["blind", "idempotent"])
def test_whatever_a_killed_process_left_is_finished(killer: Killer, place: int, ability: str) -> None:
    assert killer.kill(place, ability=ability) in ((), None)


def test_a_kill_is_named_by_its_point(killer: Killer) -> None:
    assert killer.kill(0) == ()
    assert killer.killed_at == "open_purchase/shop/1/before"


def test_a_place_behind_the_end_kills_nothing(killer: Killer) -> None:
    assert killer.kill(10_000) is None


def test_kills_leave_the_other_parts_of_their_process_alone() -> None:
    """A killed process has inherited the server that its parent holds open."""
    drawn, kills = Part(what="drawn", seeds=(0, 2)), Part(what="kills", share=(1, 60))
    with ProcessPoolExecutor(1) as pool:
        done = list(pool.map(run_part, [drawn, kills, drawn]))
    assert [(one.schedules, one.failed) for one in done] == [(2, 0), (3, 0), (2, 0)]
