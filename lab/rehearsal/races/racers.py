"""What races: the doers of a purchase, each on a connection of its own, with real commits and stops."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import psycopg

from lab.rehearsal.connection import RehearsedConnection
from lab.rehearsal.play import Play
from lab.rehearsal.points import Side
from lab.rehearsal.races.interleave import Runner
from lab.rehearsal.scene import Moment
from lab.services.acting import acting_as_server


class SteppedConnection(RehearsedConnection):
    """A connection with real commits, that stands still also when all of a transaction is done but the commit."""

    def __init__(self, racer: "Racer") -> None:
        super().__init__(racer.stage.connection, racer.reach, "select")
        self._racer = racer

    @property
    def broken(self) -> bool:
        """Tell whether the connection is lost."""
        return self._real.broken

    def _end(self) -> None:
        if self._call:
            self._racer.hold(self._call)


class Racer(Play):
    """One doer of a race; it shares the world with the play that has begun.

    Args:
        begun: The play that has come to where the race begins.
        connection: The doer's own.
        place: Its number in the race.
    """

    def __init__(self, begun: Play, connection: psycopg.Connection[Any], place: int) -> None:
        super().__init__(replace(begun.stage, connection=connection), ability=begun.post.ability, wish=begun.wish)
        self.world, self.timeline, self.since, self.counting = begun.world, begun.timeline, begun.since, begun.counting
        self.post.letters, self.files.kept = begun.post.letters, begun.files.kept
        self.place, self.runner, self.intents_now = place, None, begun.intents
        self.on_commit: Callable[[], None] = do_nothing

    runner: Runner | None

    def connection(self) -> Any:
        """Return the connection of the doer."""
        return SteppedConnection(self)

    @contextlib.contextmanager
    def doing(self, doer: str) -> Iterator[None]:
        """Do something under a name that no other doer of the race has."""
        with super().doing(f"{doer}.{self.place}" if not self.doer else doer):
            yield

    def reach(self, where: str, call: str, side: Side) -> None:
        """Come to a point; before a call, stand still."""
        if side == "before" and self.runner:
            self.runner.stop()
        self.timeline.append(Moment(self.counting.next(call, self.doer, side).name, where))

    def hold(self, call: str) -> None:
        """Stand still with a transaction that is done and not committed; locks are held meanwhile."""
        if self.runner:
            self.runner.stop(held=True)
        self.timeline.append(Moment(f"{call}/{self.doer} commits"))
        self.on_commit()

    def pause(self, doer: str) -> None:
        """Let a doer stand still before something that is no call of the product."""
        if self.runner:
            self.runner.stop()
        self.timeline.append(Moment(f"{doer} acts"))

    def held_now(self) -> set[tuple[int, UUID]]:
        """Return the running jobs with their tokens."""
        return set(
            self.stage.connection.execute(
                "select j.id, j.lease_token from public.delivery_jobs j where j.status = 'running'"
            ).fetchall()
        )

    def call(self, doer: str, statement: str, *values: object) -> None:
        """Let a doer call one function of the database as the site's server."""
        with self.doing(doer):
            connection = self.connection()
            with acting_as_server(connection):
                connection.execute(statement.encode(), values)

    def own(self, doer: str, statement: str, *values: object) -> None:
        """Let a doer do something as the owner of the database."""
        with self.doing(doer):
            connection = self.connection()
            with connection.transaction():
                connection.execute(statement.encode(), values)


def do_nothing() -> None:
    """Do nothing at a commit."""
