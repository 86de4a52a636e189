"""The product survives: every crash point, pairs of them, every fault at every point, and drawn mixtures."""

import pytest

from lab.rehearsal.explore import crash_everywhere
from lab.rehearsal.faults import Fault
from lab.rehearsal.forest import play_all
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import ABILITIES, Schedule, draw_schedule, play_schedule, read_schedule

SHARES, CHUNK, SEEDS = 35, 25, 10_000


@pytest.mark.parametrize("ability", ABILITIES)
def test_without_faults_everything_is_delivered(stage: Stage, ability: str) -> None:
    played = play_schedule(stage, Schedule(ability=ability, faults=()))
    assert (played.broken, played.met) == ((), ())
    assert "send/receipt.email/1/after" in [moment.what for moment in played.timeline]


@pytest.mark.sample(every=2)
@pytest.mark.parametrize("ability", ABILITIES[::-1])
def test_every_crash_point(stage: Stage, ability: str) -> None:
    tried = crash_everywhere(stage, 1, ability)
    assert tried.failures == []
    assert tried.seen[1] == len(tried.points) > 100


@pytest.mark.sample(every=SHARES)
@pytest.mark.parametrize("share", range(SHARES))
@pytest.mark.parametrize("ability", ABILITIES)
def test_every_pair_of_crash_points(stage: Stage, ability: str, share: int) -> None:
    assert crash_everywhere(stage, 2, ability, (share, SHARES)).failures == []


@pytest.mark.sample(every=120)
@pytest.mark.parametrize("share", range(60))
@pytest.mark.parametrize("ability", ABILITIES)
def test_every_fault_at_every_point(stage: Stage, faults: tuple[Fault, ...], ability: str, share: int) -> None:
    played = list(play_all(stage, [Schedule(ability=ability, faults=(fault,)) for fault in faults[share::60]]))
    assert [(str(one.schedule), one.broken) for one in played if one.broken] == []
    assert [str(one.schedule) for one in played if not one.met] == []


@pytest.mark.sample(every=SEEDS // CHUNK)
@pytest.mark.parametrize("start", range(0, SEEDS, CHUNK))
def test_drawn_schedules(stage: Stage, faults: tuple[Fault, ...], start: int) -> None:
    played = list(play_all(stage, [draw_schedule(seed, faults) for seed in range(start, start + CHUNK)]))
    assert len(played) == CHUNK
    assert [(str(one.schedule), one.broken) for one in played if one.broken] == []


# Schedules that broke something once.
KEPT = {
    "a withdrawal between two attempts": "idempotent crash@finish_send/receipt.email/1/before"
    " withdrawn@stripe_get_disputes/reconciliation/2/after",
    "a refusal of a repeated message": "idempotent:gift mail_refused_for_good@send/email.email/2/before"
    " mail_lost@send/email.email/1/after",
    "an erasure that a dispute pauses at once": "idempotent disputed@payment_intent_succeeded/webhook/1/before"
    " erased@stripe_get_checkout_sessions/events/7/after",
    "an erased person's payment beside others": "idempotent erased@stripe_get_disputes/page/1/after",
}


@pytest.mark.parametrize("story", KEPT)
def test_what_broke_once(stage: Stage, story: str) -> None:
    played = play_schedule(stage, read_schedule(KEPT[story]))
    assert played.broken == ()
    assert len(played.met) == len(played.schedule.faults)
