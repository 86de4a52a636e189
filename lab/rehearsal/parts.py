"""The parts of a rehearsal: each is a pure function of the code and its own description, so any machine may run it."""

import itertools
from dataclasses import dataclass, field

from lab.rehearsal.bugs import BUGS
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.explore import crash_everywhere
from lab.rehearsal.faults import Fault
from lab.rehearsal.hunt import hunt
from lab.rehearsal.judge import Broken
from lab.rehearsal.moves import Move, try_illegal
from lab.rehearsal.play import Play
from lab.rehearsal.races.race_bugs import RACE_BUGS
from lab.rehearsal.races.races import BY_ID, RACES
from lab.rehearsal.races.track import draw_order, hunt_races, open_scratch_track, run_orders
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
from lab.rehearsal.stage import open_scratch_stage
from lab.rehearsal.wishes import BY_ID as WISHES
from lab.rehearsal.wishes import reading

TIDY_PLAYS = 100
TRY_PLAYS = 25  # after each of which the illegal moves are tried
WISH_SHARE = 20  # of the seeds, so many times fewer for each wish beside the reading
MOST_SHOWN = 20  # failures that one part keeps; their number is counted on


@dataclass(frozen=True, kw_only=True)
class Part:
    """Something to rehearse.

    Args:
        what: crashes, single (one fault at each point), drawn (schedules of seeds), bug, race or race_bug.
        ability: What the e-mail provider can.
        depth: Of crashes: at most so many in one play.
        share: Which of how many equal shares.
        seeds: Of drawn: from and to, the end excluded.
        bug: Of a bug: its id.
        wish: Of crashes and drawn schedules: what the buyer asks for.
        race: Of a race: its id.
        orders: Of a race: at most so many orders, and again as many that are drawn.
    """

    what: str
    ability: str = ABILITIES[0]
    depth: int = 1
    share: tuple[int, int] = (0, 1)
    seeds: tuple[int, int] = (0, 0)
    bug: str = ""
    wish: str = reading.id
    race: str = ""
    orders: int = 0


@dataclass(frozen=True, kw_only=True)
class Failed:
    """A schedule that broke something, reduced.

    Args:
        schedule: The schedule as text.
        broken: What does not hold.
    """

    schedule: str
    broken: tuple[Broken, ...]


@dataclass(kw_only=True)
class Outcome:
    """What a part came to.

    Attributes:
        part: The part.
        schedules: How many schedules or forks were judged.
        points: How many crash points the run without faults has; 0 for a part without crashes.
        states: How many points of crashes differ in what is left, at each depth.
        failed: How many broke something.
        shown: The first of them, reduced.
        hunted: Of a bug: whether it was found, and named by what it breaks.
        coverage: What was reached.
    """

    part: Part
    schedules: int = 0
    points: int = 0
    states: dict[int, int] = field(default_factory=dict)
    failed: int = 0
    shown: list[Failed] = field(default_factory=list)
    hunted: bool | None = None
    coverage: Coverage = field(default_factory=Coverage)


def run_part(part: Part) -> Outcome:
    """Run a part on a temporary server of its own.

    Raises:
        EmbeddedUnavailable: No server can be started here.
    """
    if part.what == "race":
        return _run_race(part)
    if part.what == "race_bug":
        return _run_race_bug(part)
    with open_scratch_stage() as stage:
        return _RUNS[part.what](stage, part)


def _run_crashes(stage: Stage, part: Part) -> Outcome:
    tried = crash_everywhere(stage, part.depth, part.ability, part.share, WISHES[part.wish])
    shown = [
        Failed(
            schedule=" ".join(
                [
                    str(Schedule(ability=part.ability, faults=(), wish=WISHES[part.wish])),
                    *(f"crash@{point}" for point in one.points),
                ]
            ),
            broken=one.broken,
        )
        for one in tried.failures
    ]
    return Outcome(
        part=part, schedules=tried.coverage.plays, points=len(tried.points), states=tried.states,
        failed=len(tried.failures), shown=shown[:MOST_SHOWN], coverage=tried.coverage,
    )  # fmt: skip


def _run_single(stage: Stage, part: Part) -> Outcome:
    faults = list_faults(stage)[part.share[0] :: part.share[1]]
    return _play_all(stage, part, [Schedule(ability=part.ability, faults=(fault,)) for fault in faults])


def _run_drawn(stage: Stage, part: Part) -> Outcome:
    wish = WISHES[part.wish]
    faults: tuple[Fault, ...] = list_faults(stage, wish)
    return _play_all(stage, part, [draw_schedule(seed, faults, wish) for seed in range(*part.seeds)])


def _play_all(stage: Stage, part: Part, schedules: list[Schedule]) -> Outcome:
    done = Outcome(part=part, schedules=len(schedules))
    for count, schedule in enumerate(schedules):
        if count % TIDY_PLAYS == 0:
            stage.tidy()
        tried = _Tried(done.coverage) if count % TRY_PLAYS == 0 else None
        played = play_schedule(stage, schedule, done.coverage, look=tried or _look_at_nothing)
        if tried and tried.accepted:
            done.failed += 1
            done.shown.append(Failed(schedule=str(schedule), broken=(_accept(tried.accepted),)))
        if played.broken:
            done.failed += 1
            if len(done.shown) < MOST_SHOWN:
                done.shown.append(_show(reduce_schedule(stage, played)))
    return done


class _Tried:
    """Tries illegal moves at the end of a play."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage, self.accepted = coverage, frozenset[Move]()

    def __call__(self, play: Play) -> None:
        """Try them with the rows that the play has left."""
        refused, self.accepted = try_illegal(play.stage.connection)
        self.coverage.refused |= refused


def _look_at_nothing(_: Play) -> None:
    """Look at nothing."""


def _accept(moves: frozenset[Move]) -> Broken:
    told = ", ".join(f"{table} from {before} to {after}" for table, before, after in sorted(moves))
    return Broken(id="illegal_moves", title=f"Illegal moves are accepted: {told}.")


def _run_bug(stage: Stage, part: Part) -> Outcome:
    bug = next(one for one in BUGS if one.id == part.bug)
    found = hunt(stage, bug)
    shown = [_show(found.played)] if found.played else []
    return Outcome(part=part, schedules=found.plays, shown=shown, hunted=found.named)


def _run_race(part: Part) -> Outcome:
    """Run a race in its orders, then in drawn ones; it ends with the first that breaks something."""
    race, done = BY_ID[part.race], Outcome(part=part)
    with open_scratch_track() as track:
        systematic = run_orders(track, race, most=part.orders, ability=part.ability, coverage=done.coverage)
        drawn = (
            track.run(race, draw_order(seed), ability=part.ability, coverage=done.coverage)
            for seed in range(part.orders)
        )
        for ran in itertools.chain(systematic, drawn):
            done.schedules += 1
            if ran.broken:
                done.failed, done.shown = 1, [Failed(schedule=str(ran), broken=ran.broken)]
                break
    return done


def _run_race_bug(part: Part) -> Outcome:
    bug = next(one for one in RACE_BUGS if one.id == part.bug)
    with open_scratch_track() as track:
        plays, ran = hunt_races(track, bug)
    shown = [Failed(schedule=str(ran), broken=ran.broken)] if ran else []
    named = ran is not None and bug.breaks in {one.id for one in ran.broken}
    return Outcome(part=part, schedules=plays, shown=shown, hunted=named)


def _show(played: Played) -> Failed:
    return Failed(schedule=str(played.schedule), broken=played.broken)


_RUNS = {"crashes": _run_crashes, "single": _run_single, "drawn": _run_drawn, "bug": _run_bug}


def list_parts(*, seeds: int, pairs: bool, singles: bool, bugs: bool, shares: int, orders: int = 0) -> list[Part]:
    """Return the parts of a rehearsal.

    Args:
        seeds: How many drawn schedules.
        pairs: Crash at every pair of points, and not only at every point.
        singles: Let each fault happen at each of its points, and play what is asked for beside a reading.
        bugs: Plant every bug, and look for it.
        shares: Into how many shares each kind of part is divided.
        orders: In how many orders each race is run; again as many are drawn.
    """
    depth = 2 if pairs else 1
    places = [(place, shares) for place in range(shares)] if pairs else [(0, 1)]
    parts = [Part(what="crashes", ability=one, depth=depth, share=share) for one in ABILITIES for share in places]
    if singles:
        parts += [Part(what="single", ability=one, share=(k, shares)) for one in ABILITIES for k in range(shares)]
    step = -(-seeds // shares)
    parts += [Part(what="drawn", seeds=(at, min(at + step, seeds))) for at in range(0, seeds, step or 1)]
    others = [one.id for one in WISHES.values() if one is not reading and singles]
    parts += [Part(what="crashes", wish=one) for one in others]
    few = seeds // WISH_SHARE
    parts += [Part(what="drawn", wish=one, seeds=(0, few)) for one in others if few]
    parts += [Part(what="race", race=one.id, orders=orders, ability=ABILITIES[0]) for one in RACES if orders]
    parts += [Part(what="bug", bug=one.id) for one in BUGS if bugs]
    return parts + [Part(what="race_bug", bug=one.id) for one in RACE_BUGS if bugs]
