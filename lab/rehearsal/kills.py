"""Plays with real commits, in a process that is really killed at a point; another process finishes what it has left.

What the outside keeps, such as the messages that were taken, is written to a file before the kill, because it must
outlive the process.
"""

import logging
import os
import pickle
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.copies import copy_database, drop_database
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.judge import Broken, judge
from lab.rehearsal.outside import RenderedOnce
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.scene import Stage
from lab.rehearsal.stage import add_buyer, set_stage, set_wish
from lab.rehearsal.wishes import Wish, reading
from lab.text.errors import LabError

IN_ONE_COPY = 40  # kills, whose rows stay in it and make the next ones slower

_LOG = logging.getLogger(__name__)


class NotKilled(LabError):
    """A process that was to be killed has ended by itself."""


class Killer:
    """Kills processes at points, each of a play with a buyer of its own, in copies of one committed beginning.

    Args:
        server: A server that nobody else uses.
        stage: The beginning, committed in the database `template`; its connection is closed.
        template: The name of that database.
        wish: What the buyers ask for.
    """

    def __init__(self, server: EmbeddedPostgres, stage: Stage, template: str, wish: Wish = reading) -> None:
        self._server, self._stage, self._template, self._wish = server, stage, template, wish
        self._copy, self._kills, self.killed_at = "", 0, ""
        self._connection: psycopg.Connection[Any] | None = None

    def kill(self, place: int, coverage: Coverage | None = None, ability: str = "blind") -> tuple[Broken, ...] | None:
        """Kill a process at its point of this number; return what does not hold in the end.

        Returns:
            Nothing broken when all is well; None when the play has not so many points.

        Raises:
            NotKilled: The process ended by a defect of its own.
            psycopg.Error: The database cannot be reached.
        """
        play = self._begin(ability)
        with tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "outside"
            ended = self._play_in_child(play, kept, place)
            if ended == 0:
                return None
            if ended != -signal.SIGKILL:
                raise NotKilled(f"The process ended with {ended}", "It was to be killed", "See its traceback")
            self.killed_at = _restore(play, kept)
            play.finish()
            broken = judge(play, coverage=coverage)
        if broken:
            self.close()  # what is broken stays in that copy
        return broken

    def close(self) -> None:
        """Close the connection, and drop its copy; the next kill begins with another one."""
        if self._connection:
            self._connection.close()
            drop_database(self._server, self._copy)
        self._connection = None

    def _play_in_child(self, begun: Play, kept: Path, place: int) -> int:
        """Play in a child process, and return how it ended; a worker of a cluster may start no other kind of child."""
        child = os.fork()
        if child:
            return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        try:
            self._play(begun, kept, place)
        except BaseException:  # whatever it is, the child goes no further than here
            _LOG.exception("the process that was to be killed has failed")
            os._exit(1)
        os._exit(0)

    def _play(self, begun: Play, kept: Path, place: int) -> None:
        """Play until the point, and end there as by `kill -9`."""
        reached = 0

        def end(play: Play, _: Point) -> None:
            nonlocal reached
            if reached == place:
                _keep(play, kept)
                os.kill(os.getpid(), signal.SIGKILL)
            reached += 1

        # The connection that is open belongs to the process which goes on.
        with connect(self._server.url(self._copy)) as connection:
            connection.autocommit = True
            begun.stage, begun.fork = replace(begun.stage, connection=connection), end
            begun.run()

    def _begin(self, ability: str) -> Play:
        """Begin a play with a buyer of its own; what earlier plays have left stays beside it."""
        if self._kills % IN_ONE_COPY == 0:
            self.close()
        if self._connection is None:
            self._copy = copy_database(self._server, self._template)
            self._connection = connect(self._server.url(self._copy))
            self._connection.autocommit = True
        stage, wish, connection = self._stage, self._wish, self._connection
        stage.account.put_back(stage.began)
        self._kills += 1
        stage.account.store.change_seed(f"kill {self._kills}")
        connection.execute("delete from rehearsal.moves")
        stage = replace(stage, connection=connection, settle="select", buyer=add_buyer(connection))
        play = Play(set_wish(stage, wish), ability=ability, wish=wish)
        play.since = datetime.now(UTC)
        return play


@contextmanager
def open_killer(server: EmbeddedPostgres, template: str, wish: Wish = reading) -> Iterator[Killer]:
    """Commit the beginning of every play in a migrated database, and yield what kills processes on copies of it.

    Args:
        server: A server that nobody else uses.
        template: A migrated database on it, which is changed.
        wish: What the buyers ask for.
    """
    with RenderedOnce() as renderer, connect(server.url(template)) as connection:
        connection.autocommit = True
        with connection.transaction():
            stage = set_stage(connection, renderer)
        with connection.transaction(force_rollback=True):  # renders the file, which every process finds then
            Play(stage).run()
        stage.account.put_back(stage.began)
    killer = Killer(server, stage, template, wish)
    try:
        yield killer
    finally:
        killer.close()


def _keep(play: Play, place: Path) -> None:
    """Write down what is outside the process."""
    state: Any = (play.stage.account.keep(), play.post.letters, play.files.kept, play.world, play.timeline[-1].what)
    new = place.with_suffix(".new")
    new.write_bytes(pickle.dumps(state))
    new.replace(place)


def _restore(play: Play, place: Path) -> str:
    """Put back what was outside the process, and return the name of the point at which it was killed."""
    kept = pickle.loads(place.read_bytes())  # noqa: S301 (our own)
    account, play.post.letters, play.files.kept, play.world, point = kept
    play.stage.account.put_back(account)
    return str(point)
