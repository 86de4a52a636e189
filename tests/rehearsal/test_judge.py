"""The judge is judged: each planted bug is found, reduced to at most two faults, and named by what it breaks."""

import pytest

from lab.rehearsal.bug import Bug, BugOutdated, Rewrite
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.hunt import hunt
from lab.rehearsal.promises import PROMISES
from lab.rehearsal.races.race_bugs import RACE_BUGS
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import Schedule, WrongSchedule, play_schedule, read_schedule


@pytest.mark.sample(every=7)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_a_bug_is_found_and_named(stage: Stage, bug: Bug) -> None:
    found = hunt(stage, bug, most=1000)
    assert found.played is not None
    assert {one.id for one in found.played.broken} == {bug.breaks, *bug.also}
    assert len(found.played.schedule.faults) <= 2


@pytest.mark.sample(every=32)
@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_a_bug_in_a_mixture_is_shrunk(stage: Stage, bug: Bug) -> None:
    """As on the page: the trail says of each fault of the first failure whether it is needed."""
    found = hunt(stage, bug, mixed=30)
    assert found.played is not None
    assert found.caught is not None
    assert [fault for fault, _ in found.trail] == list(found.caught.schedule.faults)
    assert tuple(fault for fault, needed in found.trail if needed) == found.played.schedule.faults


@pytest.mark.parametrize("bug", BUGS, ids=lambda bug: bug.id)
def test_a_bug_fits_the_code_and_leaves_nothing(stage: Stage, bug: Bug) -> None:
    with bug.planted(stage):
        pass
    assert stage.connection.info.transaction_status.name == "IDLE"


def test_every_promise_has_a_bug_that_breaks_it_alone() -> None:
    assert {one.id for one in PROMISES} <= {bug.breaks for bug in (*BUGS, *RACE_BUGS) if not bug.also}
    assert len(BUGS) >= 25


def test_a_bug_that_fits_no_more_says_so() -> None:
    with pytest.raises(BugOutdated, match="settle_purchase: it has no such part any more"):
        Rewrite(function="settle_purchase", old="no such part", new="").change("another text")


def test_a_schedule_tells_the_same_story_each_time(stage: Stage) -> None:
    text = "blind mail_lost@send/receipt.email/1/after crash@settle_purchase/page/2/after"
    first, second = (play_schedule(stage, read_schedule(text)) for _ in range(2))
    assert first == second
    assert str(first.schedule) == text


@pytest.mark.parametrize("text", ["", "deaf", "blind crash", "blind crash@here", "blind nothing@a/b/1/after"])
def test_what_is_no_schedule_is_refused(text: str) -> None:
    with pytest.raises(WrongSchedule):
        read_schedule(text)


def test_a_play_leaves_nothing(stage: Stage) -> None:
    counted = "select count(*) from public.purchases"
    play_schedule(stage, Schedule(ability="blind", faults=()))
    assert stage.connection.execute(counted).fetchone() == (0,)
    assert stage.account.store.objects["checkout/sessions"] == {}
