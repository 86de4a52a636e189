"""Failures in words are really played, and what is shown of a play is what was left."""

import pytest

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.outage.outages import OUTAGES, Outage
from lab.rehearsal.scene import Moment, Stage
from lab.rehearsal.schedules import play_schedule, read_schedule
from lab.rehearsal.story.lanes import (
    AT_MAIL,
    AT_STRIPE,
    BUYER,
    LANES,
    PERSON,
    SERVER,
    WORKER,
    find_lane,
    name_event,
    name_point,
)
from lab.rehearsal.story.show import Shown, show_schedule
from lab.rehearsal.story.story import Step


@pytest.mark.parametrize("outage", OUTAGES, ids=lambda outage: outage.id)
def test_a_failure_happens_and_is_survived(stage: Stage, outage: Outage) -> None:
    played = play_schedule(stage, outage.schedule)
    assert played.broken == ()
    assert len(played.met) == len(outage.schedule.faults)


def test_what_is_shown_is_what_was_left(stage: Stage) -> None:
    shown = show_schedule(stage, OUTAGES[0].schedule)
    assert shown.left.letters == ("Your receipt", "Your reading is ready")
    assert [job[2] for job in shown.left.jobs] == ["done"] * 4
    assert shown.left.purchase == (("paid", True, 0),)
    assert shown.struck is None


def test_what_stood_at_a_crash_is_shown_beside_the_end(stage: Stage) -> None:
    point = "begin_send/receipt.email/1/after"
    shown = show_schedule(stage, read_schedule(f"idempotent crash@{point}"), at=point)
    assert shown.struck is not None
    assert [job[2] for job in shown.struck.jobs if job[:2] == ("receipt", "email")] == ["running"]
    assert shown.struck.letters == ()
    assert [job[2] for job in shown.left.jobs if job[:2] == ("receipt", "email")] == ["done"]
    assert "Your receipt" in shown.left.letters


def find(shown: Shown, subject: str, after: str) -> Step:
    """Return the step at which something came to a state."""
    return next(s for s in shown.steps for c in s.changes if (c.subject, c.after) == (subject, after))


def test_a_story_says_who_what_changed_and_what_the_rules_say(stage: Stage) -> None:
    text = "blind mail_lost@send/receipt.email/1/after withdrawn@delivery_address/email.email/1/after"
    shown = show_schedule(stage, read_schedule(text))
    assert [(step.fault, step.lane) for step in shown.steps if step.fault] == [
        ("mail_lost", AT_MAIL),
        ("withdrawn", PERSON),
    ]
    assert find(shown, "Consent email_delivery", "withdrawn").fault == "withdrawn"
    dead = find(shown, "Job receipt.email", "dead")
    assert "It arrived" not in dead.title
    assert any("Record that it arrived, or send it again." in said for said in dead.said)
    assert find(shown, "Job email.email", "cancelled").said == ("The consent is withdrawn, so the job ends.",)
    assert [change for step in shown.steps for change in step.changes if change.legal is False] == []
    assert [step.number for step in shown.steps] == list(range(1, len(shown.steps) + 1))


def test_every_state_at_the_end_was_told(stage: Stage) -> None:
    shown = show_schedule(stage, read_schedule("blind crash@put/pdf.account/1/after"))
    told = {change.subject: change.after for step in shown.steps for change in step.changes}
    assert {f"Job {channel}.{leg}": state for channel, leg, state, *_ in shown.left.jobs}.items() <= told.items()
    assert told["Reading"] == "ready"
    assert "Pdf job, account leg is killed" in [step.title for step in shown.steps]


def test_a_move_that_the_rules_do_not_have_is_marked(stage: Stage) -> None:
    bug = next(bug for bug in BUGS if bug.id == "moves_freely")
    schedule = read_schedule("blind mail_refused_for_good@send/email.email/1/before")
    shown = show_schedule(stage, schedule, bug)
    wrong = [str(change) for step in shown.steps for change in step.changes if change.legal is False]
    assert wrong == ["Job email.email: running → parked"]


@pytest.mark.parametrize(
    ("moment", "lane"),
    [
        (Moment("settle_purchase/page/2/before", "database"), BUYER),
        (Moment("charge_succeeded/webhook/1/before", "webhook"), AT_STRIPE),
        (Moment("stripe_get_refunds/events/1/after", "stripe"), AT_STRIPE),
        (Moment("record_stripe_event/webhook/1/after", "database"), SERVER),
        (Moment("put/pdf.account/1/after", "files"), WORKER),
        (Moment("send/email.email/1/before", "mail"), AT_MAIL),
        (Moment("reaper ends with OperationalError"), SERVER),
    ],
    ids=lambda value: getattr(value, "what", value),
)
def test_each_moment_has_its_lane(moment: Moment, lane: str) -> None:
    assert find_lane(moment) == lane
    assert lane in LANES


def test_points_and_events_have_words() -> None:
    assert name_point("settle_purchase/page/2/after", "database") == "Settle purchase, time 2, committed (Return page)"
    assert (
        name_point("stripe_get_refunds/events/1/before", "stripe")
        == "Read refunds at Stripe, not begun (Event processing)"
    )
    assert name_point("purchases/site/1/after", "database") == "Change purchases, committed (Site)"
    assert name_event("email.email ends with OperationalError") == "Email job, email leg ends with OperationalError"
    assert name_event("pdf.account of the other is killed") == "Pdf job, account leg, another worker is killed"
