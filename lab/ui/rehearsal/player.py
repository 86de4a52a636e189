"""Plays schedules for all sessions of this server: one after the other, on one temporary database."""

import atexit
import contextlib
from threading import Lock

import streamlit as st

from lab.rehearsal.bug import Bug
from lab.rehearsal.bugs import BUGS
from lab.rehearsal.faults import Fault
from lab.rehearsal.forest import TOGETHER
from lab.rehearsal.hunt import Found, hunt
from lab.rehearsal.orders.orders import OrderShape
from lab.rehearsal.orders.survival import Survival, rehearse_order
from lab.rehearsal.outage.forecast import Blast
from lab.rehearsal.outage.loads import KIND_BY_ID, Load
from lab.rehearsal.outage.outage_run import Line, rehearse_outage
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import Schedule, draw_schedule, list_faults, read_schedule
from lab.rehearsal.stage import open_scratch_stage
from lab.rehearsal.story.show import Shown, show_schedule

KEPT = 200  # results in memory
MIXED = 30  # drawn mixtures of several faults, played first
BUG_BY_ID = {bug.id: bug for bug in BUGS}
PLAYS = 1000  # in one hunt, so that nobody waits longer than about two minutes


class Player:
    """The temporary database, started at the first play.

    One lock is for everything that is played: a planted bug may change functions of this process until its play ends.
    """

    def __init__(self) -> None:
        self._lock, self._stack = Lock(), contextlib.ExitStack()
        self._stage: Stage | None = None
        self._faults: tuple[Fault, ...] = ()
        self._plays = 0

    def show(self, schedule: Schedule, bug: Bug | None, at: str) -> Shown:
        """Play a schedule, and look at what stands at a point.

        Raises:
            EmbeddedUnavailable: No server can be started here.
        """
        with self._lock:
            stage = self._open()
            self._plays += 1
            if self._plays % TOGETHER == 0:
                stage.tidy()
            return show_schedule(stage, schedule, bug, at)

    def draw(self, seed: int) -> Schedule:
        """Return the schedule of a seed."""
        with self._lock:
            self._open()
            return draw_schedule(seed, self._faults)

    def hunt(self, bug: Bug) -> Found:
        """Plant a bug, and look for it."""
        with self._lock:
            return hunt(self._open(), bug, most=PLAYS, mixed=MIXED)

    def rehearse_order(self, shape: OrderShape) -> Survival:
        """Rehearse the path of a real order."""
        with self._lock:
            return rehearse_order(self._open(), shape)

    def rehearse_outage(self, load: Load) -> tuple[Blast, tuple[Line, ...]]:
        """Play an outage with a few orders."""
        with self._lock:
            return rehearse_outage(self._open(), load)

    def close(self) -> None:
        """Stop the temporary server."""
        self._stack.close()

    def _open(self) -> Stage:
        if self._stage is None or self._stage.connection.closed:
            self._stage = self._stack.enter_context(open_scratch_stage())
            self._faults = list_faults(self._stage)
        return self._stage


@st.cache_resource(show_spinner=False)
def open_player() -> Player:
    """Open this server's player."""
    player = Player()
    atexit.register(player.close)
    return player


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def hunt_cached(bug: str) -> Found:
    """Plant a bug, and look for it once: the hunt is the same each time."""
    return open_player().hunt(BUG_BY_ID[bug])


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def show_cached(schedule: str, bug: str, at: str) -> Shown:
    """Play a schedule once: it tells the same story each time."""
    return open_player().show(read_schedule(schedule), BUG_BY_ID.get(bug), at)


@st.cache_resource(show_spinner=False, max_entries=KEPT)
def rehearse_outage_cached(kind: str, minutes: int, workers: int) -> tuple[Blast, tuple[Line, ...]]:
    """Play an outage with a few orders once; how many orders come in an hour does not change it."""
    return open_player().rehearse_outage(
        Load(kind=KIND_BY_ID[kind], minutes=minutes, orders_an_hour=1, workers=workers)
    )
