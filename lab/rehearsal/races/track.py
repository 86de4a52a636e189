"""Runs races on a copy of a committed beginning: real connections, real commits, and the judge of every play."""

import contextlib
import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Any

import psycopg

from lab.database.connect import connect
from lab.rehearsal.bug import Bug
from lab.rehearsal.copies import MIGRATED, open_migrated
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.dice import open_dice
from lab.rehearsal.judge import Broken, judge
from lab.rehearsal.outside import RenderedOnce
from lab.rehearsal.play import Play
from lab.rehearsal.races.interleave import Beginning, Choice, Choose, Runner, follow, interleave, vary, write_order
from lab.rehearsal.races.racers import Racer
from lab.rehearsal.races.races import BY_ID, RACES, Race
from lab.rehearsal.scene import Moment, Stage
from lab.rehearsal.schedules import ABILITIES, WrongSchedule
from lab.rehearsal.stage import add_buyer, set_stage, set_wish

MOST_FORCED = 2
DOERS = 3  # connections beside the two of the play and of the monitor


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a race came to.

    Args:
        race: The race.
        ability: What the e-mail provider can.
        choices: Who went at each step.
        timeline: What happened, in order.
        broken: What does not hold at the end; nothing when all is well.
    """

    race: Race
    ability: str
    choices: tuple[Choice, ...] = field(repr=False)
    timeline: tuple[Moment, ...] = field(repr=False)
    broken: tuple[Broken, ...]

    def __str__(self) -> str:
        """Return the race and its order, as `--play` reads it."""
        return f"race {self.race.id} {self.ability} {write_order(self.choices)}"


class Track:
    """Where races run: each with a buyer and an order of its own, so that nothing has to be put back.

    Args:
        stage: The committed beginning.
        monitor: A connection that sees who waits.
        lanes: A connection for each doer.
    """

    def __init__(
        self, stage: Stage, monitor: psycopg.Connection[Any], lanes: Sequence[psycopg.Connection[Any]]
    ) -> None:
        self._stage, self._monitor, self._lanes, self._runs = stage, monitor, lanes, 0

    @property
    def stage(self) -> Stage:
        """Return the committed beginning."""
        return self._stage

    def run(self, race: Race, choose: Choose, *, ability: str = "blind", coverage: Coverage | None = None) -> Ran:
        """Run a race, let everything come to rest, and judge it.

        Args:
            race: The race.
            choose: Chooses who goes at each step.
            ability: What the e-mail provider can.
            coverage: Gets what was reached.

        Raises:
            Stuck: A doer came to no stop.
        """
        play = self._begin(race, ability)
        racers = [Racer(play, self._lanes[place], place + 1) for place in range(len(race.doers))]
        for racer, lane, doer in zip(racers, self._lanes, race.doers, strict=False):
            racer.runner = Runner(partial(doer.do, racer), lane.info.backend_pid)
        runners = [racer.runner for racer in racers if racer.runner]
        choices = interleave(runners, choose, self._monitor)
        for lane in self._lanes:
            lane.execute("reset role")
        play.finish()
        broken = judge(play, coverage=coverage)
        if coverage:
            coverage.add_race(race.id, choices)
        return Ran(race=race, ability=ability, choices=tuple(choices), timeline=tuple(play.timeline), broken=broken)

    @contextlib.contextmanager
    def planted(self, bug: Bug) -> Iterator[None]:
        """Plant a bug in the copy until the block ends.

        Raises:
            BugOutdated: What it changes is not there any more.
        """
        with bug.replaced():
            for statement in bug.write():
                self._stage.connection.execute(statement.encode())
            try:
                yield
            finally:
                for statement in bug.write_back():
                    self._stage.connection.execute(statement.encode())

    def _begin(self, race: Race, ability: str) -> Play:
        """Play the undisturbed steps before a race, for a buyer of its own."""
        stage = self._stage
        stage.account.put_back(stage.began)
        self._runs += 1
        stage.account.store.change_seed(f"race {self._runs}")  # earlier races stay in the database
        stage.connection.execute("reset role")
        stage.connection.execute("delete from rehearsal.moves")
        own = set_wish(replace(stage, buyer=add_buyer(stage.connection)), race.wish)
        play = Play(own, ability=ability, wish=race.wish)
        play.since = datetime.now(UTC)
        play.heal()
        for step in race.begins:
            getattr(play, step)()
        return play


@contextlib.contextmanager
def open_track(url: str) -> Iterator[Track]:
    """Commit the beginning in a migrated database that nobody else uses.

    Args:
        url: The database, by its owner `postgres`.
    """
    with contextlib.ExitStack() as stack:
        renderer = stack.enter_context(RenderedOnce())
        first, monitor, *lanes = (
            stack.enter_context(connect(url, statement_timeout_seconds=60)) for _ in range(DOERS + 2)
        )
        for one in (first, monitor, *lanes):
            one.autocommit = True
        with first.transaction():
            stage = set_stage(first, renderer)
        with first.transaction(force_rollback=True):  # renders the file once, in no thread
            Play(stage).run()
        yield Track(replace(stage, settle="select"), monitor, lanes)


@contextlib.contextmanager
def open_scratch_track() -> Iterator[Track]:
    """Commit the beginning on a temporary server."""
    with open_migrated() as server, open_track(server.url(MIGRATED)) as track:
        yield track


def run_orders(
    track: Track,
    race: Race,
    *,
    most: int,
    most_forced: int | None = MOST_FORCED,
    ability: str = "blind",
    coverage: Coverage | None = None,
) -> Iterator[Ran]:
    """Run a race in every order of its steps, the least interrupted first, and of these the held transactions.

    Args:
        track: Where it runs.
        race: The race.
        most: Stop after so many orders.
        most_forced: How often a doer may be interrupted that could have gone on; None for any number.
        ability: What the e-mail provider can.
        coverage: Gets what was reached.
    """
    waiting = [Beginning(0, False, 1, str(place)) for place in range(len(race.doers))]
    for _ in range(most):
        if not waiting:
            return
        begun = heapq.heappop(waiting).order
        ran = track.run(race, follow(begun), ability=ability, coverage=coverage)
        for other in vary(ran.choices, len(begun), most_forced):
            heapq.heappush(waiting, other)
        yield ran


def draw_order(seed: int) -> Choose:
    """Return what draws who goes next: a pure function of the seed and of who can go."""
    dice = open_dice(seed)
    return lambda _step, able, _last: dice.choice(able)


def read_race(text: str) -> tuple[Race, str, str]:
    """Read a race with its provider's ability and its order, as `str` of what was run has written it.

    Raises:
        WrongSchedule: It has another form.
    """
    word, race, ability, order = (*text.split(), "", "", "", "")[:4]
    wrong = set(order) - {str(place) for place in range(len(BY_ID[race].doers))} if race in BY_ID else {race}
    if word != "race" or wrong or ability not in ABILITIES:
        raise WrongSchedule(f"a race is `race ID {'|'.join(ABILITIES)} ORDER`, with an ID of {', '.join(BY_ID)}")
    return BY_ID[race], ability, order


def hunt_races(track: Track, bug: Bug, *, most: int = 1500) -> tuple[int, Ran | None]:
    """Plant a bug, and look for it in all races by turns, without knowing what it breaks.

    Args:
        track: Where the races run; what a bug breaks is left in it.
        bug: The bug.
        most: How many races are run at most.

    Returns:
        How many were run, and the one that broke something; None when the bug was not found.
    """
    with track.planted(bug):
        by_race = [run_orders(track, race, most=most) for race in RACES]
        runs = (ran for turn in itertools.zip_longest(*by_race) for ran in turn if ran)
        for count, ran in enumerate(itertools.islice(runs, most), start=1):
            if ran.broken:
                return count, ran
    return most, None
