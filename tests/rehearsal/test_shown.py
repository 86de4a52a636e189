"""Failures in words are really played, and what is shown of a play is what was left."""

import pytest

from lab.rehearsal.outages import OUTAGES, Outage
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import play_schedule
from lab.rehearsal.show import show_schedule


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.id)
def test_a_failure_happens_and_is_survived(stage: Stage, outage: Outage) -> None:
    played = play_schedule(stage, outage.schedule)
    assert played.broken == ()
    assert len(played.met) == len(outage.schedule.faults)


def test_what_is_shown_is_what_was_left(stage: Stage) -> None:
    shown = show_schedule(stage, OUTAGES[0].schedule)
    assert shown.letters == ("Your receipt", "Your reading is ready")
    assert [job[2] for job in shown.jobs] == ["done"] * 4
    assert shown.purchase == (("paid", True, 0),)
