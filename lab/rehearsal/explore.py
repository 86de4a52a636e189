"""Kills every process at every point, and at every pair of points, and judges what the others make of it."""

from dataclasses import dataclass, field
from typing import Any

from lab.rehearsal.coverage import Coverage
from lab.rehearsal.judge import Broken, judge
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.scene import Stage
from lab.rehearsal.stage import set_wish
from lab.rehearsal.wishes import Wish, reading


@dataclass(frozen=True, kw_only=True)
class Failure:
    """A play that left something wrong.

    Args:
        points: Where the processes were killed.
        broken: What does not hold.
    """

    points: tuple[str, ...]
    broken: tuple[Broken, ...]


@dataclass
class Crashes:
    """What was tried.

    Args:
        depth: How many crashes one play has at most.
        share: Which of how many equal shares of the first crashes is tried.

    Attributes:
        points: The names of the points of the run without a crash.
        seen: How many points were reached, at each depth of crashes.
        states: How many of them differ in what is left: the others end as the point before them.
        failures: What went wrong.
        coverage: What was reached.
    """

    depth: int = 1
    share: tuple[int, int] = (0, 1)
    points: list[str] = field(default_factory=list)
    seen: dict[int, int] = field(default_factory=dict)
    states: dict[int, int] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    coverage: Coverage = field(default_factory=Coverage)
    _path: list[str] = field(default_factory=list)

    def __call__(self, play: Play, point: Point) -> None:
        """Fork here: what follows if every process ends at this point."""
        if play.depth == 0:
            self.points.append(point.name)
        if play.depth >= self.depth:
            return
        self.seen[play.depth + 1] = self.seen.get(play.depth + 1, 0) + 1
        mark = _mark(play)
        if mark == play.mark:
            return
        place = self.states.get(play.depth + 1, 0)
        self.states[play.depth + 1] = place + 1
        if play.depth or place % self.share[1] == self.share[0]:
            self._fork(play, point)
        play.mark = _mark(play)

    def _fork(self, play: Play, point: Point) -> None:
        stage = play.stage
        kept = stage.account.keep()
        self._path.append(point.name)
        with stage.connection.transaction(force_rollback=True):
            stage.connection.execute("reset role")
            other = play.branch()
            broken = judge(other, at_end=False, coverage=self.coverage)
            if not broken:
                other.finish()
                broken = judge(other, coverage=self.coverage)
            if broken:
                self.failures.append(Failure(points=tuple(self._path), broken=broken))
        self._path.pop()
        stage.account.put_back(kept)


def _mark(play: Play) -> tuple[Any, ...]:
    """Return what changes whenever something is left behind: the end of the log, and the outside."""
    store = play.stage.account.store
    return (
        play.value("select pg_current_wal_insert_lsn()::text"),
        len(store.events), play.stage.account.kept, len(play.post.letters), len(play.files.kept),
        len(play.world.told), play.world.session,
    )  # fmt: skip


def crash_everywhere(
    stage: Stage, depth: int = 1, ability: str = "blind", share: tuple[int, int] = (0, 1), wish: Wish = reading
) -> Crashes:
    """Crash at every point, and with a depth of 2 at every pair of points.

    Args:
        stage: What the plays begin with; it is left as it was.
        depth: How many crashes one play has at most.
        ability: What the e-mail provider can.
        share: Which of how many equal shares of the first crashes is tried.
        wish: What the buyer asks for.
    """
    crashes = Crashes(depth=depth, share=share)
    stage.tidy()
    with stage.connection.transaction(force_rollback=True):
        play = Play(set_wish(stage, wish), fork=crashes, ability=ability, wish=wish, order=stage.order)
        play.run()
        if broken := judge(play, coverage=crashes.coverage):
            crashes.failures.insert(0, Failure(points=(), broken=broken))
    stage.account.put_back(stage.began)
    crashes.coverage.pairs = crashes.seen.get(2, 0)
    return crashes
