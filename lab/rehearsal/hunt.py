"""Looks for a planted bug: by one fault of each kind at each call, by pairs, then by drawn schedules."""

import itertools
import random
from collections.abc import Iterator
from dataclasses import dataclass

from lab.rehearsal.bug import Bug
from lab.rehearsal.dice import open_dice
from lab.rehearsal.faults import Fault
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

DECISIONS = ("withdrawn", "erased", "refunded", "disputed", "stopped", "copied")  # of people, after a doubt
LOST = ("mail_lost", "stripe_lost")  # answers of the outside
LATER = "reconciliation/2/"  # where they come: in the second round, when the other processes have gone on
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
    """Yield schedules: no fault; one of each kind at each call, by turns with what leaves a doubt; then drawn ones."""
    dice = open_dice(seed)
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
    singles = itertools.chain.from_iterable(itertools.zip_longest(*by_kind.values()))
    for turn in itertools.zip_longest(filter(None, singles), _follow_doubts(faults, dice)):
        yield from filter(None, turn)
    while True:
        yield draw_schedule(dice.getrandbits(40), faults)


def _follow_doubts(faults: tuple[Fault, ...], dice: random.Random) -> list[Schedule]:
    """Return a fault after which the outside knows more than the database, and later something that others do."""
    later = [fault for fault in faults if fault.kind in DECISIONS and f"/{LATER}" in fault.point]
    acts = {fault.kind: fault for fault in later}.values()
    ordered: list[Schedule] = []
    for doubts in (_list_crashes(faults), _list_lost(faults)):
        pairs = [Schedule(ability=one, faults=(doubt, act)) for doubt in doubts for act in acts for one in ABILITIES]
        dice.shuffle(pairs)
        ordered += pairs
    return ordered


def _list_crashes(faults: tuple[Fault, ...]) -> list[Fault]:
    """Return a crash before each transaction that follows a call to the outside, once for each doer."""
    crashes = [fault for fault in faults if fault.kind == "crash"]
    found: dict[tuple[str, str], Fault] = {}
    for before, crash in itertools.pairwise(crashes):
        call, doer, _, side = crash.point.split("/")
        outside = before.point.endswith("/after") and _is_outside(before.point)
        if outside and side == "before" and not _is_outside(crash.point):
            found.setdefault((call, doer), crash)
    return list(found.values())


def _list_lost(faults: tuple[Fault, ...]) -> list[Fault]:
    """Return a lost answer of each kind, once for each doer."""
    found: dict[tuple[str, str], Fault] = {}
    for fault in faults:
        if fault.kind in LOST:
            found.setdefault((fault.kind, fault.point.split("/")[1]), fault)
    return list(found.values())


def _is_outside(point: str) -> bool:
    return point.startswith(("stripe_", "send/", "put/"))
