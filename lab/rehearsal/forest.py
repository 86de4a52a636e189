"""Plays many schedules at once: what they have in common is played once.

Two schedules of which the same faults have happened so far have come to the same place. A play is therefore copied
between two steps, and each copy goes on with other faults: the database goes back to a savepoint, and the outside is
put back. Schedules of which the same faults happened in the end are one play, and get its verdict.
"""

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence

from lab.rehearsal.coverage import Coverage
from lab.rehearsal.faults import Fault
from lab.rehearsal.judge import judge
from lab.rehearsal.play import CALM, Play
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import ABILITIES, Played, Schedule, play_schedule
from lab.rehearsal.stage import set_wish

TOGETHER = 100  # schedules in one transaction: what it leaves in the tables makes it slower
Look = Callable[[Play, Sequence[Schedule]], None]


def play_all(
    stage: Stage,
    schedules: Iterable[Schedule],
    coverage: Coverage | None = None,
    look: Look = lambda _play, _schedules: None,
) -> Iterator[Played]:
    """Play schedules, and yield what each came to, in any order; the stage is left as it was.

    Args:
        stage: What the plays begin with.
        schedules: What goes wrong in each.
        coverage: Gets what the plays have reached.
        look: Gets each play at its end, before everything is put back.
    """
    ordered = sort_by_first(stage, schedules)
    for _, same in itertools.groupby(ordered, key=lambda one: (one.wish.id, one.ability)):
        alike = list(same)
        for start in range(0, len(alike), TOGETHER):
            stage.tidy()
            yield from Forest(stage, coverage, look).play(alike[start : start + TOGETHER])


def sort_by_first(stage: Stage, schedules: Iterable[Schedule]) -> list[Schedule]:
    """Return schedules by wish and ability, in the order in which their first faults come in a play without faults."""
    given = list(schedules)
    places: dict[str, dict[str, int]] = {}
    for wish in {one.wish.id: one.wish for one in given}.values():
        calm = play_schedule(stage, Schedule(ability=ABILITIES[0], faults=(), wish=wish))
        places[wish.id] = {moment.what: place for place, moment in enumerate(calm.timeline)}

    def find_first(schedule: Schedule) -> tuple[str, str, int, str]:
        known = places[schedule.wish.id]
        first = min(((known.get(one.point, len(known)), one.kind) for one in schedule.faults), default=(len(known), ""))
        return schedule.wish.id, schedule.ability, *first

    return sorted(given, key=find_first)


class Forest:
    """Plays of one wish and one ability, in one transaction that is rolled back.

    Args:
        stage: What they begin with.
        coverage: Gets what they have reached.
        look: Gets each play at its end.
    """

    def __init__(self, stage: Stage, coverage: Coverage | None, look: Look) -> None:
        self._stage, self._coverage, self._look = stage, coverage, look
        self._done: list[Played] = []

    def play(self, schedules: Sequence[Schedule]) -> list[Played]:
        """Return what each schedule came to."""
        stage, first = self._stage, schedules[0]
        with stage.connection.transaction(force_rollback=True):
            stage.connection.execute("select setseed(0.5)")
            staged = set_wish(stage, first.wish)
            self._grow(Play(staged, ability=first.ability, wish=first.wish, order=stage.order), schedules)
        stage.account.put_back(stage.began)
        return self._done

    def _grow(self, play: Play, schedules: Sequence[Schedule]) -> None:
        """Play on from between two steps with schedules of which the same faults have happened."""
        while not play.over:
            faults = [_list_rest(one, play) for one in schedules]
            if len(set(faults)) == 1:  # nothing more to share
                play.waiting.update({fault.point: fault for fault in faults[0]})
                play.run()
                break
            grown = self._grow_step(play, schedules, faults)
            play.drop_snapshot()
            if grown is None:
                return
            play, schedules = grown
        self._end(play, schedules)

    def _grow_step(
        self, play: Play, schedules: Sequence[Schedule], faults: Sequence[frozenset[Fault]]
    ) -> tuple[Play, list[Schedule]] | None:
        """Play one step: first with each fault in it, to the end; then with the schedules that have none in it."""
        place = Place(self._stage, play)
        tried = place.leave()
        tried.step()
        reached = [moment.what for moment in tried.timeline[len(play.timeline) :] if moment.where]
        stay, others = _group(schedules, faults, reached)
        for fault, some in others.items():
            place.come_back()
            tried = place.leave()
            tried.waiting[fault.point] = fault
            self._grow(tried, some)
        if others:
            place.come_back()
            tried = place.leave()
            if stay:
                tried.step()
        place.forget()
        return (tried, stay) if stay else None

    def _end(self, play: Play, schedules: Sequence[Schedule]) -> None:
        broken = judge(play, coverage=self._coverage)
        self._look(play, schedules)
        timeline = tuple(play.timeline)
        self._done += [Played(schedule=one, timeline=timeline, broken=broken) for one in schedules]


class Place:
    """Where a play is between two steps; one can come back there.

    Args:
        stage: What the play has begun with, with an open transaction.
        play: The play, which stays there.
    """

    def __init__(self, stage: Stage, play: Play) -> None:
        self._stage, self._play, self._gone = stage, play, play
        self._account, self._clock = stage.account.keep(), stage.account.store.clock
        stage.connection.execute("savepoint step")

    def leave(self) -> Play:
        """Return a copy of the play, which goes on."""
        self._gone = self._play.copy()
        return self._gone

    def come_back(self) -> None:
        """Put everything back as it is here."""
        self._gone.drop_snapshot()
        self._stage.connection.execute("rollback to savepoint step")
        self._stage.account.put_back(self._account)
        self._stage.account.store.clock = self._clock

    def forget(self) -> None:
        """Come back no more."""
        self._stage.connection.execute("release savepoint step")


def _group(
    schedules: Sequence[Schedule], faults: Sequence[frozenset[Fault]], reached: Sequence[str]
) -> tuple[list[Schedule], dict[Fault, list[Schedule]]]:
    """Return the schedules that have no fault at these points, and the others by their first one."""
    stay: list[Schedule] = []
    others: dict[Fault, list[Schedule]] = {}
    for schedule, rest in zip(schedules, faults, strict=True):
        by_point = {fault.point: fault for fault in rest}
        first = next((by_point[point] for point in reached if point in by_point), None)
        (others.setdefault(first, []) if first else stay).append(schedule)
    return stay, others


def _list_rest(schedule: Schedule, play: Play) -> frozenset[Fault]:
    """Return the faults of a schedule that can still happen; from some round on, nothing more goes wrong."""
    if play.turn >= CALM:
        return frozenset()
    counted = play.counting.seen
    left = (fault for fault in schedule.faults if fault.point not in play.waiting)
    return frozenset(fault for fault in left if not _is_past(fault, counted))


def _is_past(fault: Fault, counted: Counter[tuple[str, str, str]]) -> bool:
    call, doer, attempt, side = fault.point.split("/")
    return bool(counted[call, doer, side] >= int(attempt))
