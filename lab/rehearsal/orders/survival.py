"""Crashes everywhere on the path of a real order that was rebuilt, and says how many failures it survives."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from psycopg.pq import TransactionStatus

from lab.checks.state import State
from lab.rehearsal.explore import Crashes, Failure
from lab.rehearsal.judge import judge
from lab.rehearsal.orders.orders import PARTS, OrderShape, make_shape
from lab.rehearsal.orders.recast import Recast, recast
from lab.rehearsal.play import Play
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import Schedule
from lab.rehearsal.stage import set_wish
from lab.rehearsal.wishes import Wish
from lab.text.product_files import SQL


@dataclass(frozen=True, kw_only=True)
class Survival:
    """What the rehearsal of an order came to.

    Args:
        shape: The order's shape.
        recast: How it was played.
        tried: At how many points the processes were killed, each in a play of its own.
        failures: What was left wrong, each with where the processes were killed.
        differs: In what the rebuilt order, without further failures, has ended otherwise than the real one.
    """

    shape: OrderShape
    recast: Recast
    tried: int = 0
    failures: tuple[Failure, ...] = field(default=())
    differs: tuple[str, ...] = field(default=())

    @property
    def state(self) -> State:
        """Return holds, broken or unknown."""
        if self.failures:
            return State.BROKEN
        return State.UNKNOWN if self.recast.reasons or self.differs else State.HOLDS

    @property
    def survived(self) -> int:
        """Return how many of the tried failures it survives."""
        return self.tried - len(self.failures)

    @property
    def sentence(self) -> str:
        """Say what it came to."""
        if self.recast.reasons:
            return f"Unknown: the rehearsal cannot play this order. {' '.join(self.recast.reasons)}"
        if self.differs:
            return f"Unknown: the rebuilt order ends otherwise. {' '.join(self.differs)}"
        return f"This order's path survives {self.survived:,} of {self.tried:,} failures."

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """Return the schedule of the path, for each ability of the provider."""
        plan = self.recast
        return tuple(Schedule(ability=one, faults=plan.faults, wish=plan.wish) for one in plan.abilities)


def rehearse_order(stage: Stage, shape: OrderShape) -> Survival:
    """Rebuild an order with made-up people, kill every process at every point of its path, and judge what is left.

    Args:
        stage: What plays begin with; it is left as it was.
        shape: The order's shape.
    """
    plan = recast(shape)
    if plan.reasons:
        return Survival(shape=shape, recast=plan)
    differs = dict.fromkeys(sentence for one in plan.abilities for sentence in _play(stage, plan, one, shape=shape))
    if differs:
        return Survival(shape=shape, recast=plan, differs=tuple(differs))
    if stage.connection.info.transaction_status is TransactionStatus.IDLE:
        stage.tidy()
    every = [Crashes() for _ in plan.abilities]
    for ability, crashes in zip(plan.abilities, every, strict=True):
        _play(stage, plan, ability, crashes=crashes)
    return Survival(
        shape=shape,
        recast=plan,
        tried=sum(crashes.seen.get(1, 0) for crashes in every),
        failures=tuple(failure for crashes in every for failure in crashes.failures),
    )


def _play(
    stage: Stage, plan: Recast, ability: str, *, shape: OrderShape | None = None, crashes: Crashes | None = None
) -> list[str]:
    """Play the path of an order once.

    Args:
        stage: What plays begin with.
        plan: How the order is played.
        ability: What the e-mail provider can.
        shape: The real order's, with which the end is compared.
        crashes: Crashes at each point, and gets what does not hold.

    Returns:
        In what the end differs from the real order.
    """
    with _dress(stage, plan.wish) as dressed:
        stage.connection.execute("select setseed(0.5)")
        play = Play(dressed, plan.faults, ability=ability, wish=plan.wish, fork=crashes)
        if plan.consent == "missing":
            play.world.passed = frozenset()  # no message may pass
        play.run()
        if crashes and (broken := judge(play, coverage=crashes.coverage)):
            crashes.failures.insert(0, Failure(points=(), broken=broken))
        return [*_list_missed(play, plan), *_compare(shape, _read_shape(play))] if shape else []


@contextlib.contextmanager
def _dress(stage: Stage, wish: Wish) -> Iterator[Stage]:
    """Give the stage a buyer who asks for what the order's buyer asked for, until the block ends."""
    with stage.connection.transaction(force_rollback=True):
        yield set_wish(stage, wish)
    stage.account.put_back(stage.began)


def _read_shape(play: Play) -> OrderShape:
    """Return the shape of the rebuilt order, by the queries that have read the real one."""
    play.stage.connection.execute("reset role")
    found = {}
    for part in PARTS:
        query = (SQL / "orders" / f"{part}.sql").read_text(encoding="utf-8")
        cursor = play.stage.connection.execute(query.encode(), {"order": str(play.world.order)})
        names = [column.name for column in cursor.description or ()]
        found[part] = [dict(zip(names, row, strict=True)) for row in cursor]
    return make_shape(found)


def _list_missed(play: Play, plan: Recast) -> Iterator[str]:
    """Yield the faults of the path that did not happen again."""
    met = {moment.what for moment in play.timeline if moment.fault}
    for fault in plan.faults:
        if fault.point not in met:
            yield f"What went wrong at {fault.point} did not happen again."


def _compare(real: OrderShape, ended: OrderShape) -> Iterator[str]:
    """Yield in what a rebuilt order differs from the real one; a job that goes on may end in any way."""
    if (real.status, real.unlocked) != (ended.status, ended.unlocked):
        yield f"The purchase is {_name(real)}; rebuilt, it is {_name(ended)}."
    states = {job.name: job.status for job in ended.jobs}
    for job in real.jobs:
        if job.status not in ("pending", "running") and states.get(job.name) != job.status:
            yield f"{job.name} is {job.status}; rebuilt, it is {states.get(job.name, 'missing')}."


def _name(shape: OrderShape) -> str:
    return f"{shape.status} and {'unlocked' if shape.unlocked else 'locked'}"
