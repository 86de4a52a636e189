"""Plays one purchase from the checkout to the last message, with the faults of a schedule.

Everything happens in one transaction that is rolled back at the end: each of the product's transactions is a savepoint
of it. This way sees no race, no lock wait and no failing commit, and `now()` stands still in it.
"""

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import psycopg

from lab.database.connect import connect
from lab.rehearsal.acts import ACTS
from lab.rehearsal.faults import BY_ID, Fault
from lab.rehearsal.points import Counting, Point, Side
from lab.rehearsal.processes import Processes
from lab.rehearsal.scene import ENVIRONMENT, Moment, Stage, World
from lab.rehearsal.wishes import Wish, reading

ROUNDS = 20  # after each of which a day passes: longer than every lease and every pause
CALM = 4  # the round from which nothing more goes wrong
# What happens, step by step: the page can be opened before the payment.
OPENING = ("buy", "return_to_page", "pay", "return_to_page")
ROUND = (
    "begin_round", "buy_if_not_begun", "pay", "receive", "process", "reconcile", "bring", "reap", "deliver",
    "end_round",
)  # fmt: skip


class Play(Processes):
    """One purchase on its way.

    Args:
        stage: What it begins with.
        faults: What goes wrong, each once.
        ability: What the e-mail provider can: blind or idempotent.
        wish: What the buyer asks for.
        fork: Called at every point, with the play; it may play a part of another future, and put everything back.
        order: The order's id; another one for each play by default.
    """

    def __init__(
        self,
        stage: Stage,
        faults: Sequence[Fault] = (),
        *,
        ability: str = "blind",
        wish: Wish = reading,
        fork: Callable[["Play", Point], None] | None = None,
        order: UUID | None = None,
    ) -> None:
        super().__init__(stage, World(order=order or uuid4()), ability, wish)
        self.fork, self.depth, self.counting, self.rested = fork, 0, Counting(), False
        self.step_place, self.turn = 0, 0
        self.mark: Any = None
        self.before: Any = None
        self.snapshot: psycopg.Connection[Any] | None = None
        self.waiting = {fault.point: fault for fault in faults}

    def branch(self) -> "Play":
        """Return a play that goes on from here after every process was killed."""
        other = self.copy()
        other.depth, other.step_place, other.turn = self.depth + 1, len(OPENING), 0
        other.timeline.append(Moment("every process is killed"))
        return other

    def copy(self) -> "Play":
        """Return a play that has come to where this one is; what happens in one of them leaves the other alone."""
        other = Play(self.stage, (), ability=self.post.ability, wish=self.wish, fork=self.fork)
        other.depth, other.timeline, other.waiting = self.depth, [*self.timeline], dict(self.waiting)
        other.counting, other.since = Counting(Counter(self.counting.seen)), self.since
        other.step_place, other.turn, other.before = self.step_place, self.turn, self.before
        other.world = replace(self.world, told=set(self.world.told), lost=set(self.world.lost))
        other.post.letters, other.files.kept = list(self.post.letters), dict(self.files.kept)
        if self.snapshot:
            other.hold_snapshot()
        return other

    def reach(self, where: str, call: str, side: Side) -> None:
        """Come to a point: play the forks of it, and let the schedule's fault happen."""
        point = self.counting.next(call, self.doer, side)
        fault = self.waiting.pop(point.name, None)
        self.timeline.append(Moment(point.name, where, fault.kind if fault else None))
        if self.fork:
            self.fork(self, point)
        if fault:
            self._suffer(fault, where)

    def _suffer(self, fault: Fault, where: str) -> None:
        kind = BY_ID[fault.kind]
        if not kind.can_happen(where, fault.point.rpartition("/")[2]):
            return
        if kind.act:
            with self._apart():
                ACTS[kind.act](self)
        if kind.raises:
            raise kind.raises()

    @contextlib.contextmanager
    def _apart(self) -> Iterator[None]:
        """Act as the world outside, in the middle of whatever a process does."""
        role = self.value("select current_setting('role')")
        self.stage.connection.execute("reset role")
        yield
        self.stage.connection.execute("select set_config('role', %s, true)", [role])

    def run(self) -> None:
        """Play from the first click, or from where it has come to, to the end."""
        while not self.over:
            self.step()

    def finish(self) -> None:
        """Let every process run until nothing changes any more, with time passing between.

        The last round has seen a day pass, operators have undone what was stopped, and no process has failed in it.
        Whatever is planned is planned for less than a day, so another round would find nothing either.
        """
        self.step_place, self.turn = len(OPENING), 0
        self.run()

    @property
    def over(self) -> bool:
        """Tell whether the play has come to its end."""
        return self.rested or self.turn >= ROUNDS

    def step(self) -> None:
        """Let the next process run. Between two steps, a play can be copied."""
        steps = OPENING if self.step_place < len(OPENING) else ROUND
        name = steps[self.step_place if steps is OPENING else self.step_place - len(OPENING)]
        self.step_place += 1
        getattr(self, name)()

    def begin_round(self) -> None:
        """Begin a round: from the second one on, people undo what they can undo."""
        if self.turn:
            self.heal()
        else:
            self.before = self._state()
        if self.turn == CALM:
            self.waiting.clear()

    def buy_if_not_begun(self) -> None:
        """Begin the sale that has not begun yet."""
        if not self.world.session:
            self.buy()

    def end_round(self) -> None:
        """End a round with a day that passes; the play is over when it has changed nothing."""
        self.pass_time()
        now = self._state()
        self.rested = self.turn > 0 and now == self.before and not self.waiting_events()
        self.before, self.turn, self.step_place = now, self.turn + 1, len(OPENING)

    def interruptions(self) -> list[Moment]:
        """Return what was not as it is without faults."""
        return [moment for moment in self.timeline if moment.fault or not moment.where]

    def heal(self) -> None:
        """Undo what was stopped or wrong for a while: operators have seen it, and know the new secrets."""
        self.stage.connection.execute(_HEAL.encode())
        self.world.stopped = None
        self.world.known = (*self.world.known, self.world.signing[0])
        self.world.signing = self.world.signing[:1]
        self.world.key, self.world.accepted = self.world.accepted[0], self.world.accepted[:1]
        self.world.clock_off = 0
        self.let_go()

    def hold_snapshot(self) -> None:
        """Hold a snapshot, as a long report does, until nothing more goes wrong."""
        if self.snapshot is None:
            self.snapshot = connect(self.stage.connection.info.dsn)
            self.snapshot.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            self.snapshot.execute("select count(*) from public.delivery_jobs")

    def let_go(self) -> None:
        """End the snapshot that is held, and set Stripe's clock right."""
        self.stage.account.store.clock = self.stage.clock
        self.drop_snapshot()

    def drop_snapshot(self) -> None:
        """End the snapshot that is held."""
        if self.snapshot is not None:
            self.snapshot.close()
            self.snapshot = None

    def note_sent(self, key: str) -> None:
        """Note a message that leaves although deliveries are stopped and its intent came later."""
        self.world.sent_while_stopped += self.world.stopped is not None and key not in self.world.stopped

    def _state(self) -> Any:
        outside = len(self.post.letters), len(self.world.told), self.world.session
        return self.value(_STATE), *outside, len(self.interruptions())


_HEAL = f"""
reset role;
select public.open_environment('{ENVIRONMENT}');
select public.switch_deliveries('all', false);
"""
_STATE = """
select array[
  (select string_agg(j.id || j.status || j.attempts, ',' order by j.id) from public.delivery_jobs j),
  (select string_agg(e.id || e.status || e.attempts, ',' order by e.id) from public.stripe_events e),
  (select string_agg(p.status || (p.unlocked_at is not null), ',' order by p.id) from public.purchases p),
  (select count(*)::text from public.oracle_artifacts a)]
"""
