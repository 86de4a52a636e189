"""Plays with real commits, in a process that is really killed at a point; another process finishes what it has left.

What the outside keeps, such as the messages that were taken, is written to a file at each call, because it must outlive
the process. The database is a copy of its own for each kill.
"""

import contextlib
import multiprocessing
import os
import pickle
import signal
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from psycopg import sql

from lab.database.connect import connect
from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.coverage import Coverage
from lab.rehearsal.judge import Broken, judge
from lab.rehearsal.outside import RenderedOnce
from lab.rehearsal.play import Play
from lab.rehearsal.points import Point
from lab.rehearsal.scene import Stage
from lab.rehearsal.stage import set_stage
from lab.text.errors import LabError

_FORK = multiprocessing.get_context("fork")


class NotKilled(LabError):
    """A process that was to be killed has ended by itself."""


class Killer:
    """Kills processes at points, on copies of one committed beginning.

    Args:
        server: A server that nobody else uses.
        stage: The beginning, committed in the database `template`; its connection is closed.
        template: The name of that database.
    """

    def __init__(self, server: EmbeddedPostgres, stage: Stage, template: str) -> None:
        self._server, self._stage, self._template = server, stage, template

    def kill(self, place: int, coverage: Coverage | None = None, ability: str = "blind") -> tuple[Broken, ...] | None:
        """Kill a process at its point of this number; return what does not hold in the end.

        Returns:
            Nothing broken when all is well; None when the play has not so many points.

        Raises:
            NotKilled: The process ended by a defect of its own.
            psycopg.Error: The database cannot be reached.
        """
        self._stage.account.put_back(self._stage.began)
        with self._copy() as url, tempfile.TemporaryDirectory() as folder:
            kept = Path(folder) / "outside"
            child = _FORK.Process(target=self._play, args=(url, kept, place, ability))
            child.start()
            child.join()
            if child.exitcode == 0:
                return None
            if child.exitcode != -signal.SIGKILL:
                raise NotKilled(f"The process ended with {child.exitcode}", "It was to be killed", "See its traceback")
            return self._finish(url, kept, coverage, ability)

    def _play(self, url: str, kept: Path, place: int, ability: str) -> None:
        """Play until the point, and end there as by `kill -9`."""
        reached = 0

        def end(play: Play, _: Point) -> None:
            nonlocal reached
            _keep(play, kept)
            if reached == place:
                os.kill(os.getpid(), signal.SIGKILL)
            reached += 1

        with self._connect(url) as stage:
            Play(stage, fork=end, ability=ability).run()

    def _finish(self, url: str, kept: Path, coverage: Coverage | None, ability: str) -> tuple[Broken, ...]:
        with self._connect(url) as stage:
            play = Play(stage, ability=ability)
            _restore(play, kept)
            play.finish()
            return judge(play, coverage=coverage)

    @contextlib.contextmanager
    def _connect(self, url: str) -> Iterator[Stage]:
        with connect(url) as connection:
            connection.autocommit = True
            yield replace(self._stage, connection=connection, settle="select")

    @contextlib.contextmanager
    def _copy(self) -> Iterator[str]:
        name = f"kill_{uuid.uuid4().hex[:12]}"
        make = sql.SQL("create database {} template {} owner postgres strategy wal_log")
        drop = sql.SQL("drop database if exists {} with (force)")
        with connect(self._server.admin_url()) as admin:
            admin.autocommit = True
            admin.execute(make.format(sql.Identifier(name), sql.Identifier(self._template)))
            try:
                yield self._server.url(name)
            finally:
                admin.execute(drop.format(sql.Identifier(name)))


def open_killer(server: EmbeddedPostgres, template: str) -> Killer:
    """Commit the beginning of every play in a migrated database, and return what kills processes on copies of it.

    Args:
        server: A server that nobody else uses.
        template: A migrated database on it, which is changed.
    """
    with RenderedOnce() as renderer, connect(server.url(template)) as connection:
        connection.autocommit = True
        with connection.transaction():
            stage = set_stage(connection, renderer)
        with connection.transaction(force_rollback=True):  # renders the file, which every process finds then
            Play(stage).run()
        stage.account.put_back(stage.began)
    return Killer(server, stage, template)


def _keep(play: Play, place: Path) -> None:
    """Write down what is outside the process."""
    state: Any = (play.stage.account.keep(), play.post.letters, play.files.kept, play.world)
    new = place.with_suffix(".new")
    new.write_bytes(pickle.dumps(state))
    new.replace(place)


def _restore(play: Play, place: Path) -> None:
    account, play.post.letters, play.files.kept, play.world = pickle.loads(place.read_bytes())  # noqa: S301 (our own)
    play.stage.account.put_back(account)
