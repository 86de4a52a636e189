"""Schedules that are played together come to the same as each alone, also with a bug."""

import pytest

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.faults import Fault
from lab.rehearsal.forest import Forest, play_all, sort_by_first
from lab.rehearsal.part_runs import run_part
from lab.rehearsal.parts import Part
from lab.rehearsal.play import Play
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import (
    Played,
    Schedule,
    draw_schedule,
    list_faults,
    play_schedule,
    read_schedule,
)
from lab.rehearsal.wishes import BY_ID

SEEDS, CHUNK = 500, 10
# Jobs that are due at once: without an order of their own they came as earlier plays had left room in the table.
TIED = (
    "idempotent taken@claim_delivery_jobs/worker/4/after taken@put/pdf.account/1/after taken@open_purchase/shop/1/after"
)
SAME = ("blind", "blind crash@never_called/page/1/before", "blind late@send/receipt.email/9/after")


def _by_text(played: list[Played]) -> dict[str, Played]:
    return {str(one.schedule): one for one in played}


@pytest.mark.sample(every=SEEDS // CHUNK)
@pytest.mark.parametrize("start", range(0, SEEDS, CHUNK))
def test_together_as_alone(stage: Stage, faults: tuple[Fault, ...], start: int) -> None:
    drawn = [draw_schedule(seed, faults) for seed in range(start, start + CHUNK)]
    first = next(one for one in drawn if one.faults)
    alike = [Schedule(ability=first.ability, faults=(fault,)) for fault in first.faults]
    alone = [play_schedule(stage, one) for one in (*drawn, *alike)]
    assert _by_text(list(play_all(stage, [*drawn, *alike]))) == _by_text(alone)


def test_a_wish_together_as_alone(stage: Stage) -> None:
    gift = BY_ID["gift"]
    drawn = [draw_schedule(seed, list_faults(stage, gift), gift) for seed in range(4)]
    assert _by_text(list(play_all(stage, drawn))) == _by_text([play_schedule(stage, one) for one in drawn])


def test_schedules_of_which_the_same_happens_are_one_play(stage: Stage) -> None:
    reached, ends = Coverage(), []
    played = list(play_all(stage, map(read_schedule, SAME), reached, lambda _, schedules: ends.append(len(schedules))))
    assert {str(one.schedule) for one in played} == set(SAME)
    assert (len(ends), reached.plays) == (1, 1)
    assert len({one.timeline for one in played}) == 1


def test_a_bug_is_found_by_the_schedule_that_shows_it_alone(stage: Stage) -> None:
    bug = next(one for one in BUGS if one.id == "blind_repeats")
    shows = read_schedule("blind mail_lost@send/receipt.email/1/after")
    others = [read_schedule("blind mail_refused@send/receipt.email/1/before"), read_schedule("blind")]
    with bug.planted(stage):
        found = _by_text(Forest(stage, None, lambda _play, _schedules: None).play([shows, *others]))
    assert "message_once" in {one.id for one in found[str(shows)].broken}
    assert {found[str(one)].broken for one in others} == {()}


def test_a_play_depends_on_no_earlier_one(stage: Stage, faults: tuple[Fault, ...]) -> None:
    told = set()
    for seed in range(6):
        told.add(play_schedule(stage, read_schedule(TIED)).timeline)
        play_schedule(stage, draw_schedule(seed, faults))
        if seed == 3:
            stage.tidy()
    assert len(told) == 1


def test_everything_is_put_back(stage: Stage, faults: tuple[Fault, ...]) -> None:
    list(play_all(stage, [Schedule(ability="blind", faults=(fault,)) for fault in faults[::200]]))
    assert stage.connection.info.transaction_status.name == "IDLE"
    assert stage.connection.execute("select count(*) from public.purchases").fetchone() == (0,)
    assert stage.account.store.clock is stage.clock
    assert stage.account.store.objects["checkout/sessions"] == {}


def test_a_copy_leaves_its_play_alone(stage: Stage) -> None:
    with stage.connection.transaction(force_rollback=True):
        play = Play(stage)
        play.step()
        copied = play.copy()
        with stage.connection.transaction(force_rollback=True):
            copied.run()
        assert len(play.timeline) < len(copied.timeline)
        assert (play.post.letters, play.files.kept, play.world.told) == ([], {}, set())
    stage.account.put_back(stage.began)


def test_schedules_come_in_the_order_of_their_first_faults(stage: Stage) -> None:
    late = read_schedule("blind crash@send/receipt.email/1/after late@open_purchase/shop/1/after")
    early = read_schedule("blind crash@open_purchase/shop/1/before crash@send/email.email/1/after")
    assert sort_by_first(stage, [read_schedule("blind"), late, early]) == [early, late, read_schedule("blind")]


def test_shares_cover_every_schedule_once() -> None:
    parts = [Part(what="drawn", wish="anonymous", seeds=(0, 7), share=(place, 3)) for place in range(3)]
    assert [run_part(part).schedules for part in parts] == [2, 2, 3]
