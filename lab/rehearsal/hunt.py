"""Looks for a planted bug: by one fault of each kind at each call, by pairs, then by drawn schedules."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from lab.rehearsal.bugs import Bug
from lab.rehearsal.faults import BY_ID, Fault
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import (
    ABILITIES,
    Played,
    Schedule,
    draw_schedule,
    list_faults,
    play_schedule,
    reduce_schedule,
)

TOGETHER = 100  # plays in the one transaction in which a bug is planted


@dataclass(frozen=True, kw_only=True)
class Found:
    """A bug that was found, and the smallest schedule that shows it.

    Args:
        bug: The bug.
        plays: How many schedules were played before it was found.
        played: The reduced schedule; None when the bug was not found.
        caught: The schedule that broke something first, before it was reduced.
        trail: Each fault that was taken away for a try, and whether the failure needs it.
    """

    bug: Bug
    plays: int
    played: Played | None
    caught: Played | None = None
    trail: tuple[tuple[Fault, bool], ...] = ()

    @property
    def named(self) -> bool:
        """Tell whether what the bug breaks is among what was seen."""
        return self.played is not None and self.bug.breaks in {one.id for one in self.played.broken}


def hunt(stage: Stage, bug: Bug, *, most: int = 3000, seed: int = 0, mixed: int = 0) -> Found:
    """Plant a bug, and look for it without knowing what it breaks.

    Args:
        stage: What the plays begin with.
        bug: The bug.
        most: How many schedules are played at most.
        seed: Chooses the order in which they are played.
        mixed: How many drawn mixtures are played first.
    """
    faults = list_faults(stage)
    mixtures = (draw_schedule(number, faults) for number in range(seed, seed + mixed))
    schedules = itertools.chain(mixtures, _order(faults, seed))
    for start in range(0, most, TOGETHER):
        stage.tidy()
        with bug.planted(stage):
            for place, schedule in enumerate(itertools.islice(schedules, TOGETHER)):
                played = play_schedule(stage, schedule)
                if played.broken:
                    return _reduce(stage, bug, start + place + 1, played)
    return Found(bug=bug, plays=most, played=None)


def _reduce(stage: Stage, bug: Bug, plays: int, caught: Played) -> Found:
    trail: list[tuple[Fault, bool]] = []
    reduced = reduce_schedule(stage, caught, lambda fault, needed: trail.append((fault, needed)))
    return Found(bug=bug, plays=plays, played=reduced, caught=caught, trail=tuple(trail))


def _order(faults: tuple[Fault, ...], seed: int) -> Iterator[Schedule]:
    """Yield schedules: no fault, one of each kind at each call, a crash with a later act, then drawn ones."""
    dice = random.Random(seed)  # noqa: S311 (repeatable on purpose)
    yield Schedule(ability=ABILITIES[0], faults=())
    first: dict[tuple[str, str, str], Fault] = {}
    for fault in faults:
        call, doer, _, side = fault.point.split("/")
        first.setdefault((fault.kind, call, doer + side), fault)
    by_kind: dict[str, list[Schedule]] = {}
    for fault in first.values():
        by_kind.setdefault(fault.kind, []).extend(Schedule(ability=one, faults=(fault,)) for one in ABILITIES)
    for schedules in by_kind.values():
        dice.shuffle(schedules)
    for turn in itertools.zip_longest(*by_kind.values()):
        yield from filter(None, turn)
    yield from _follow_crashes(list(first.values()), faults, dice)
    while True:
        yield draw_schedule(dice.getrandbits(40), faults)


def _follow_crashes(first: list[Fault], faults: tuple[Fault, ...], dice: random.Random) -> Iterator[Schedule]:
    """Yield a crash at each call, and later, when other processes go on, something that others do."""
    later = {fault.kind: fault for fault in faults if BY_ID[fault.kind].act and "/reconciliation/2/" in fault.point}
    crashes = [fault for fault in first if fault.kind == "crash"]
    pairs = [
        Schedule(ability=ability, faults=(crash, act))
        for crash in crashes
        for act in later.values()
        for ability in ABILITIES
    ]
    dice.shuffle(pairs)
    yield from pairs
