"""Draws schedules of faults, plays them, and reduces one that broke something to the fewest faults.

A schedule is a pure function of the code and a seed: the points come from a play without faults, and the seed chooses
among them. Nothing in it depends on ids, on the machine or on what was played before.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from lab.rehearsal.coverage import Coverage
from lab.rehearsal.dice import open_dice
from lab.rehearsal.faults import BY_ID, KINDS, Fault
from lab.rehearsal.judge import Broken, judge
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.scene import Moment, Stage
from lab.rehearsal.stage import set_wish
from lab.rehearsal.wishes import BY_ID as WISHES
from lab.rehearsal.wishes import Wish, find_wish, reading

ABILITIES = ("blind", "idempotent")
MOST_FAULTS, MOST_ATTEMPT = 6, 3


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What goes wrong in one play.

    Args:
        ability: What the e-mail provider can: blind or idempotent.
        faults: The faults, each at its point.
        wish: What the buyer asks for.
    """

    ability: str
    faults: tuple[Fault, ...]
    wish: Wish = reading

    def __str__(self) -> str:
        """Return the schedule as links and fixtures write it: the ability with the wish, then each fault."""
        asked = "" if self.wish is reading else f":{self.wish.id}"
        return " ".join([self.ability + asked, *map(str, self.faults)])


class WrongSchedule(ValueError):
    """A text is no schedule; says what is wrong."""


def read_schedule(text: str) -> Schedule:
    """Read what `str` has written.

    Raises:
        WrongSchedule: The ability, a kind or the form of a point is unknown.
    """
    ability, *faults = text.split() or [""]
    ability, _, asked = ability.partition(":")
    wish = find_wish(asked or reading.id)
    if ability not in ABILITIES or wish is None:
        raise WrongSchedule(f"it begins with {' or '.join(ABILITIES)}, and perhaps :{', :'.join(WISHES)}")
    return Schedule(ability=ability, faults=tuple(map(_read_fault, faults)), wish=wish)


def _read_fault(text: str) -> Fault:
    kind, _, point = text.partition("@")
    if kind not in BY_ID or point.count("/") != 3:
        raise WrongSchedule("a fault is KIND@CALL/DOER/ATTEMPT/SIDE")
    return Fault(point=point, kind=kind)


@dataclass(frozen=True, kw_only=True)
class Played:
    """What a schedule came to.

    Args:
        schedule: The schedule.
        timeline: What happened, in order.
        broken: What does not hold at the end; nothing when all is well.
    """

    schedule: Schedule
    timeline: tuple[Moment, ...]
    broken: tuple[Broken, ...]

    @property
    def met(self) -> tuple[Moment, ...]:
        """Return the points at which a fault happened."""
        return tuple(moment for moment in self.timeline if moment.fault)


def play_schedule(
    stage: Stage,
    schedule: Schedule,
    coverage: Coverage | None = None,
    *,
    look: Callable[[Play], None] = lambda _: None,
    fork: Callable[[Play, Point], None] | None = None,
) -> Played:
    """Play a purchase with a schedule's faults, judge it, and put everything back.

    Args:
        stage: What the play begins with.
        schedule: What goes wrong.
        coverage: Gets what the play has reached.
        look: Gets the play at its end, before everything is put back.
        fork: Called at every point, with the play.
    """
    with stage.connection.transaction(force_rollback=True):
        stage.connection.execute("select setseed(0.5)")
        staged = set_wish(stage, schedule.wish)
        play = Play(staged, schedule.faults, ability=schedule.ability, wish=schedule.wish, fork=fork, order=stage.order)
        play.run()
        broken = judge(play, coverage=coverage)
        look(play)
    stage.account.put_back(stage.began)
    return Played(schedule=schedule, timeline=tuple(play.timeline), broken=broken)


def list_faults(stage: Stage, wish: Wish = reading) -> tuple[Fault, ...]:
    """Return every fault at every point of a play without faults, in their order."""
    played = play_schedule(stage, Schedule(ability=ABILITIES[0], faults=(), wish=wish))
    return tuple(
        Fault(point=moment.what, kind=kind.id)
        for moment in played.timeline
        for kind in KINDS
        if kind.can_happen(moment.where, moment.what.rpartition("/")[2])
    )


def draw_schedule(seed: int, faults: Sequence[Fault], wish: Wish = reading) -> Schedule:
    """Return the schedule of a seed: a few kinds, each with its own share, at points of the first or a later attempt.

    Args:
        seed: Any number.
        faults: What can go wrong, as `list_faults` returns it for the wish.
        wish: What the buyer asks for.
    """
    dice = open_dice(seed)
    able_here = {fault.kind for fault in faults}
    kinds = dice.sample([kind for kind in KINDS if kind.id in able_here], dice.randint(1, 5))
    likely = {kind.id: dice.random() for kind in kinds}
    able = [fault for fault in faults if fault.kind in likely]
    drawn = dice.choices(able, [likely[fault.kind] for fault in able], k=dice.randint(1, MOST_FAULTS))
    by_point = {_move(fault, dice).point: fault.kind for fault in drawn}
    chosen = tuple(Fault(point=point, kind=kind) for point, kind in by_point.items())
    return Schedule(ability=dice.choice(ABILITIES), faults=chosen, wish=wish)


def _move(fault: Fault, dice: random.Random) -> Fault:
    """Return a fault at the same call, perhaps at one of its later attempts."""
    call, doer, attempt, side = fault.point.split("/")
    later = int(attempt) + dice.choice((0, 0, 0, *range(1, MOST_ATTEMPT)))
    return Fault(point="/".join((call, doer, str(later), side)), kind=fault.kind)


def reduce_schedule(
    stage: Stage, played: Played, tell: Callable[[Fault, bool], None] = lambda _, needed: None
) -> Played:
    """Return the same failure with as few faults as possible: none of those left can be taken away.

    Args:
        stage: What plays begin with.
        played: What broke something.
        tell: Gets each fault that was tried, and whether the failure needs it.
    """
    wanted = {one.id for one in played.broken}
    best = played
    for fault in played.schedule.faults:
        fewer = tuple(one for one in best.schedule.faults if one != fault)
        again = play_schedule(stage, replace(best.schedule, faults=fewer))
        needed = not wanted & {one.id for one in again.broken}
        tell(fault, needed)
        if not needed:
            best = again
    return best
