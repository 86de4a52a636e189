"""Each class of scenario, played: the tables written, the jobs made and what was refused are what its plan said."""

from typing import Any

import pytest

from lab.rehearsal.explore import crash_everywhere
from lab.rehearsal.play import Play
from lab.rehearsal.promises import read_ending
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import Schedule, draw_schedule, list_faults, play_schedule, read_schedule
from lab.rehearsal.wishes import WISHES, Wish, reading
from lab.rules import RULES

# What every purchase writes, whatever is asked for; and the reading, which the shop makes with the purchase.
ALWAYS = {"purchases", "stripe_events", "delivery_effects", "delivery_links", "oracle_scrolls"}
ONLY_READ = {"consent_notices", "card_phrases"}
ONLY_IN_TROUBLE = {"delivery_attempts", "email_suppressions"}
OF_CONSENTS = {"consents", "consent_events"}
NO_NEW_CONSENT = [one for one in WISHES if one is reading or not one.scenario.consents]  # the stage's buyer has given
_WRITTEN = """
select array_agg(t.relname::text) from pg_stat_xact_user_tables t
where t.schemaname = 'public' and t.n_tup_ins + t.n_tup_upd > 0
"""


def _play(stage: Stage, wish: Wish) -> dict[str, Any]:
    """Play a wish without faults, and return what was written and made."""
    stage.connection.execute("select pg_stat_force_next_flush()")
    stage.connection.execute("select 1")  # the statistics of earlier transactions are gone after this
    left: dict[str, Any] = {}

    def look(play: Play) -> None:
        ending = read_ending(play)
        left.update(written=set(play.value(_WRITTEN)), jobs=ending.jobs, letters=len(play.post.letters))

    played = play_schedule(stage, Schedule(ability="blind", faults=(), wish=wish), look=look)
    assert played.broken == ()
    return left


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.id)
def test_what_is_written_is_what_the_plan_said(stage: Stage, wish: Wish) -> None:
    left = _play(stage, wish)
    planned = {line.name.removeprefix("public.") for line in wish.plan.tables}
    free = ONLY_READ | ONLY_IN_TROUBLE | (OF_CONSENTS if wish in NO_NEW_CONSENT else set())
    if wish.id == "gift_refused":
        free |= {"gift_recipients"}  # nobody is invited without the consent
    assert left["written"] - planned <= ALWAYS
    assert planned - left["written"] <= free


@pytest.mark.parametrize("wish", WISHES, ids=lambda wish: wish.id)
def test_what_is_made_and_refused_is_what_the_plan_said(stage: Stage, wish: Wish) -> None:
    left = _play(stage, wish)
    missing = {line.name for line in wish.plan.missing_consents}
    refused = {job.id for job in RULES.jobs if missing & {one.id for one in job.consents}}
    asked = {line.name for line in wish.plan.jobs}
    made = {job["channel"] for job in left["jobs"]}
    assert made == (asked - refused) | {"receipt"}  # every purchase has one, whatever is asked for
    assert {job["channel"] for job in left["jobs"] if job["status"] == "waiting"} == {
        job.id
        for job in RULES.jobs
        if job.id in made and {one.id for one in job.email_leg_waits_for} - set(wish.scenario.consents)
    }
    mailed = [job for job in left["jobs"] if job["leg"] == "email" and job["status"] == "done"]
    assert left["letters"] == len(mailed)


def test_the_wishes_ask_for_every_job_and_refuse_some() -> None:
    assert {line.name for wish in WISHES for line in wish.plan.jobs} == {job.id for job in RULES.jobs}
    assert any(wish.plan.missing_consents for wish in WISHES)
    assert any(wish.anonymous for wish in WISHES)
    assert {wish.scenario.layer for wish in WISHES} == {offer.layer.id for offer in RULES.offers}


@pytest.mark.sample(every=8)
@pytest.mark.parametrize("wish", WISHES[1:], ids=lambda wish: wish.id)
def test_every_crash_point_of_a_wish(stage: Stage, wish: Wish) -> None:
    tried = crash_everywhere(stage, wish=wish)
    assert tried.failures == []
    assert len(tried.points) > 80


@pytest.mark.parametrize("wish", WISHES[1:], ids=lambda wish: wish.id)
def test_drawn_schedules_of_a_wish(stage: Stage, wish: Wish) -> None:
    faults = list_faults(stage, wish)
    played = [play_schedule(stage, draw_schedule(seed, faults, wish)) for seed in range(4)]
    assert [(str(one.schedule), one.broken) for one in played if one.broken] == []


def test_a_wish_is_written_in_its_schedule() -> None:
    text = "blind:gift crash@send/gift.email/1/after"
    assert str(read_schedule(text)) == text
    assert read_schedule(text).wish.id == "gift"


@pytest.mark.parametrize("at", ["", "finish_send/gift.email/1/after", "accept_gift/site/1/after"])
def test_a_gift_is_accepted_unless_it_was_taken_back(stage: Stage, at: str) -> None:
    """A refund takes an invitation back, and leaves a gift that was accepted with its recipient."""
    left: list[tuple[bool, bool]] = []

    def look(play: Play) -> None:
        query = "select g.accepted_at is not null, g.withdrawn_at is not null from public.gift_recipients g"
        left.extend(play.stage.connection.execute(query))

    played = play_schedule(stage, read_schedule(f"blind:gift_accepted{at and ' refunded@'}{at}"), look=look)
    assert played.broken == ()
    assert left == [(True, False)] if "send" not in at else [(False, True)]
