"""Runs the parts of a rehearsal, each on a temporary server that its process keeps for the parts that follow."""

import atexit
import contextlib
import itertools
import multiprocessing
import multiprocessing.util
import time
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import TypeVar

from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.copies import copy_database, lend_copy, open_migrated
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.explore import crash_everywhere
from lab.rehearsal.forest import play_all, sort_by_first
from lab.rehearsal.hunt import hunt
from lab.rehearsal.judge import Broken
from lab.rehearsal.kills import open_killer
from lab.rehearsal.moves import Move, try_illegal
from lab.rehearsal.parts import Failed, Outcome, Part
from lab.rehearsal.play import Play
from lab.rehearsal.races.race_bugs import RACE_BUGS
from lab.rehearsal.races.races import BY_ID
from lab.rehearsal.races.track import Ran, Track, draw_order, hunt_races, open_track, run_orders
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import ABILITIES, Played, Schedule, draw_schedule, list_faults, reduce_schedule
from lab.rehearsal.stage import open_stage
from lab.rehearsal.wishes import BY_ID as WISHES
from lab.rehearsal.wishes import Wish

TRY_PLAYS = 25  # after each of which the illegal moves are tried
MOST_SHOWN = 20  # failures that one part keeps; their number is counted on
Held = TypeVar("Held")


def run_part(part: Part) -> Outcome:
    """Run a part on a temporary server, which this process keeps for the parts that follow.

    Raises:
        EmbeddedUnavailable: No server can be started here.
    """
    began = time.monotonic()
    outcome = _RUNS[part.what](part)
    outcome.seconds = time.monotonic() - began
    return outcome


@cache
def _hold_server() -> EmbeddedPostgres:
    return _hold(open_migrated())


@cache
def _hold_stage() -> Stage:
    server = _hold_server()
    return _hold(open_stage(server.url(copy_database(server))))


@contextlib.contextmanager
def _open_track() -> Iterator[Track]:
    """Open a track of its own for a part: what its races have committed goes with it."""
    server = _hold_server()
    with lend_copy(server) as name, open_track(server.url(name)) as track:
        yield track


def _hold(context: contextlib.AbstractContextManager[Held]) -> Held:
    """Open something that stays open until this process ends."""
    stack = contextlib.ExitStack()
    opened = stack.enter_context(context)
    if multiprocessing.parent_process():  # which ends without what `atexit` has
        multiprocessing.util.Finalize(None, stack.close, exitpriority=1)
    else:
        atexit.register(stack.close)
    return opened


def _run_crashes(part: Part) -> Outcome:
    tried = crash_everywhere(_hold_stage(), part.depth, part.ability, part.share, WISHES[part.wish])
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


def _run_drawn(part: Part) -> Outcome:
    """Play a share of the schedules: those that begin alike are in one share."""
    stage = _hold_stage()
    schedules = _list_schedules(stage, WISHES[part.wish], part.seeds, part.singles)
    place, shares = part.share
    share = schedules[place * len(schedules) // shares : (place + 1) * len(schedules) // shares]
    done = Outcome(part=part, schedules=len(share))
    tried = _Tried(done.coverage)
    for played in play_all(stage, share, done.coverage, tried):
        if played.broken:
            done.failed += 1
            if len(done.shown) < MOST_SHOWN:
                done.shown.append(_show(reduce_schedule(stage, played)))
    done.failed += len(tried.accepted)
    done.shown += tried.accepted[: MOST_SHOWN - len(done.shown)]
    return done


_KEPT: dict[tuple[str, tuple[int, int], bool], list[Schedule]] = {}  # of the parts of this process


def _list_schedules(stage: Stage, wish: Wish, seeds: tuple[int, int], singles: bool) -> list[Schedule]:
    """Return the schedules of seeds, and each fault at each of its points, in the order in which they are played."""
    key = (wish.id, seeds, singles)
    if key not in _KEPT:
        faults = list_faults(stage, wish)
        every = [draw_schedule(seed, faults, wish) for seed in range(*seeds)]
        if singles:
            every += [Schedule(ability=one, faults=(fault,), wish=wish) for one in ABILITIES for fault in faults]
        _KEPT.clear()
        _KEPT[key] = sort_by_first(stage, every)
    return _KEPT[key]


class _Tried:
    """Tries illegal moves at the end of each 25th play."""

    def __init__(self, coverage: Coverage) -> None:
        self.coverage, self.accepted = coverage, list[Failed]()
        self._count = 0

    def __call__(self, play: Play, schedules: Sequence[Schedule]) -> None:
        """Try them with the rows that the play has left."""
        self._count += 1
        if self._count % TRY_PLAYS == 1:
            refused, accepted = try_illegal(play.stage.connection)
            self.coverage.refused |= refused
            if accepted:
                self.accepted.append(Failed(schedule=str(schedules[0]), broken=(_accept(accepted),)))


def _accept(moves: frozenset[Move]) -> Broken:
    told = ", ".join(f"{table} from {before} to {after}" for table, before, after in sorted(moves))
    return Broken(id="illegal_moves", title=f"Illegal moves are accepted: {told}.")


def _run_bug(part: Part) -> Outcome:
    bug = next(one for one in BUGS if one.id == part.bug)
    found = hunt(_hold_stage(), bug)
    shown = [_show(found.played)] if found.played else []
    return Outcome(part=part, schedules=found.plays, shown=shown, hunted=found.named)


def _run_race(part: Part) -> Outcome:
    """Run a race in its orders, then in drawn ones; it ends with the first that breaks something."""
    done = Outcome(part=part)
    with _open_track() as track:
        for ran in _run_orders(track, part, done.coverage):
            done.schedules += 1
            if ran.broken:
                done.failed, done.shown = 1, [Failed(schedule=str(ran), broken=ran.broken)]
                break
    return done


def _run_orders(track: Track, part: Part, coverage: Coverage) -> Iterator[Ran]:
    race = BY_ID[part.race]
    yield from run_orders(track, race, most=part.orders, ability=part.ability, coverage=coverage)
    for seed in range(part.orders):
        yield track.run(race, draw_order(seed), ability=part.ability, coverage=coverage)


def _run_race_bug(part: Part) -> Outcome:
    bug = next(one for one in RACE_BUGS if one.id == part.bug)
    with _open_track() as track:
        plays, ran = hunt_races(track, bug)
    shown = [Failed(schedule=str(ran), broken=ran.broken)] if ran else []
    named = ran is not None and bug.breaks in {one.id for one in ran.broken}
    return Outcome(part=part, schedules=plays, shown=shown, hunted=named)


def _run_kills(part: Part) -> Outcome:
    """Kill a process at each point of its share."""
    done, wish, server = Outcome(part=part), WISHES[part.wish], _hold_server()
    first, shares = part.share
    with lend_copy(server) as template, open_killer(server, template, wish) as killer:
        for place in itertools.count(first, shares):
            broken = killer.kill(place, done.coverage, part.ability)
            if broken is None:  # behind the last point
                break
            done.kills += 1
            done.schedules += 1
            if broken:
                done.failed += 1
                asked = Schedule(ability=part.ability, faults=(), wish=wish)
                done.shown.append(Failed(schedule=f"{asked} crash@{killer.killed_at}", broken=broken))
    return done


def _show(played: Played) -> Failed:
    return Failed(schedule=str(played.schedule), broken=played.broken)


_RUNS: dict[str, Callable[[Part], Outcome]] = {
    "crashes": _run_crashes,
    "drawn": _run_drawn,
    "kills": _run_kills,
    "bug": _run_bug,
    "race": _run_race,
    "race_bug": _run_race_bug,
}
