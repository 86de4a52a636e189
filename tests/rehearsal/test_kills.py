"""A process that is really killed at a point of a play with real commits; another one finishes what it has left."""

from collections.abc import Iterator

import pytest

from lab.database.embedded.scratch import open_scratch
from lab.migrations.apply import apply_migrations
from lab.rehearsal.kills import Killer, open_killer

POINTS = 160  # of a play without faults; a place behind the last one lets the play end by itself


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """What kills processes, on a server of its own."""
    with open_scratch() as server:
        apply_migrations(server.url())
        opened = open_killer(server, "postgres")
        yield opened
        opened.close()


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
