"""Races with real commits: nothing breaks in any order, and bugs that only a race can show are found."""

import threading
from collections.abc import Iterator

import pytest

from fixtures.servers import clone_database, drop_database
from lab.cli.commands import main
from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.bug import Bug
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.races.interleave import Choice, Runner, follow, interleave, vary, write_order
from lab.rehearsal.races.race_bugs import RACE_BUGS
from lab.rehearsal.races.races import BY_ID, RACES, Race
from lab.rehearsal.races.track import Track, draw_order, hunt_races, open_track, read_race, run_orders
from lab.rehearsal.schedules import WrongSchedule

ORDERS = 10  # `lab rehearse --whole` runs more


@pytest.fixture(scope="module")
def track(server: EmbeddedPostgres) -> Iterator[Track]:
    """Where races run; each leaves its own buyer behind."""
    database = clone_database(server, "migrated")
    with open_track(database.url) as made:
        yield made
    drop_database(database)


@pytest.mark.sample(every=9)
@pytest.mark.parametrize("race", RACES, ids=lambda race: race.id)
def test_nothing_breaks_in_any_order(track: Track, race: Race) -> None:
    orders = list(run_orders(track, race, most=ORDERS))
    assert [(str(one), one.broken) for one in orders if one.broken] == []


@pytest.mark.parametrize("race", RACES, ids=lambda race: race.id)
def test_nothing_breaks_in_a_drawn_order(track: Track, race: Race) -> None:
    ran = track.run(race, draw_order(len(race.id)), ability="idempotent")
    assert (str(ran), ran.broken) == (str(ran), ())


@pytest.mark.sample(every=len(RACE_BUGS))
@pytest.mark.parametrize("bug", RACE_BUGS, ids=lambda bug: bug.id)
def test_a_bug_of_races_is_found_and_named(server: EmbeddedPostgres, bug: Bug) -> None:
    database = clone_database(server, "migrated")
    with open_track(database.url) as track:
        _, ran = hunt_races(track, bug)
    drop_database(database)
    assert ran is not None
    assert bug.breaks in {one.id for one in ran.broken}


# Orders in which something breaks with a bug, and broke once without one or was not seen.
KEPT = [
    ("stop_read_early", "race delivered_and_stopped blind 00000000000000111000000000000000000000"),
    ("consent_read_once", f"race gift_delivered_and_withdrawn blind {'0' * 39}111{'0' * 8}"),
    ("consent_read_once", f"race echo_delivered_and_withdrawn blind {'0' * 25}111{'0' * 8}"),
]


@pytest.mark.parametrize(("bug_id", "kept"), KEPT)
def test_what_broke_once(server: EmbeddedPostgres, track: Track, bug_id: str, kept: str) -> None:
    race, ability, order = read_race(kept)
    assert track.run(race, follow(order), ability=ability).broken == ()
    bug = next(one for one in RACE_BUGS if one.id == bug_id)
    database = clone_database(server, "migrated")
    with open_track(database.url) as other, other.planted(bug):
        assert {one.id for one in other.run(race, follow(order), ability=ability).broken} == {bug.breaks, *bug.also}
    drop_database(database)


def test_an_order_is_repeated_to_the_letter(track: Track) -> None:
    race = BY_ID["delivered_twice"]
    first = track.run(race, draw_order(7))
    again = track.run(race, follow(write_order(first.choices)))
    assert first.choices == again.choices
    assert [moment.what for moment in first.timeline] == [moment.what for moment in again.timeline]


def test_a_doer_that_waits_for_a_lock_is_seen(track: Track) -> None:
    coverage = Coverage()
    list(run_orders(track, BY_ID["bought_twice"], most=8, coverage=coverage))
    assert coverage.waits > 0
    assert len(coverage.orders) == 8


def test_a_short_race_is_run_in_all_orders(track: Track) -> None:
    orders = {str(one) for one in run_orders(track, BY_ID["withdrawn_and_given"], most=100, most_forced=None)}
    assert len(orders) == 20  # three steps each


def test_steps_that_only_wait_for_each_other_are_told_apart(server: EmbeddedPostgres) -> None:
    """Two transactions that want the same two locks: each order ends, and a deadlock is Postgres's to solve."""
    database = clone_database(server, "bare")
    with connect(database.url) as monitor, connect(database.url) as one, connect(database.url) as two:
        monitor.autocommit = True
        runners: list[Runner] = []
        ended: list[str] = []

        def take(place: int, connection: object, keys: tuple[int, int]) -> None:
            try:
                for key in keys:
                    runners[place].stop()
                    connection.execute("select pg_advisory_xact_lock(%s)", [key])  # type: ignore[attr-defined]
                ended.append("done")
            except Exception as error:
                ended.append(type(error).__name__)
            connection.rollback()  # type: ignore[attr-defined]

        for place, (connection, keys) in enumerate(((one, (1, 2)), (two, (2, 1)))):
            runners.append(Runner(lambda p=place, c=connection, k=keys: take(p, c, k), connection.info.backend_pid))  # type: ignore[misc]
        choices = interleave(runners, follow("010101"), monitor)
    drop_database(database)
    assert sorted(ended) == ["DeadlockDetected", "done"]
    assert any(choice.waiting for choice in choices)
    assert threading.active_count() < 20


def test_varied_orders_begin_with_what_was_run() -> None:
    run = [Choice((0, 1), 0, None), Choice((0, 1), 0, 0, held=True), Choice((1,), 1, 0)]
    assert [(one.order, one.forced, one.plain) for one in sorted(vary(run, 0, 1))] == [
        ("1", 0, True),
        ("01", 1, False),
    ]


@pytest.mark.parametrize("text", ["race", "race nobody blind 0", "race made_twice deaf 0", "race made_twice blind 02"])
def test_what_is_no_race_is_refused(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(WrongSchedule):
        read_race(text)
    assert main(["rehearse", "--play", text]) == 2
    assert capfd.readouterr().err.startswith("error: The race")


def test_a_race_is_told_as_a_story(capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--play", "race made_twice blind 0011"]) == 0
    assert "purchases/site.1 commits" in capfd.readouterr().out
