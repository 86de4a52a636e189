"""A scene: one transaction in which several actors act, one after the other, and which is rolled back at the end."""

import contextlib
import json
import uuid
from collections.abc import Iterator
from typing import Any

import psycopg

from tests.wall.actors import Actor

Row = tuple[Any, ...]


class Scene:
    """Several actors inside one transaction of the superuser, who can become any of them."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self.connection = connection

    @contextlib.contextmanager
    def acting(self, actor: Actor) -> Iterator[psycopg.Connection[Any]]:
        """Act as somebody until the block ends."""
        set_up = "select set_config('request.jwt.claims', %s, true), set_config('role', %s, true)"
        self.connection.execute(set_up, [json.dumps(actor.claims), actor.role])
        yield self.connection
        self.connection.execute("reset role")

    def rows(self, actor: Actor, statement: str, *values: object) -> list[Row]:
        """Return the rows that a statement answers with, when somebody runs it."""
        with self.acting(actor):
            return self.connection.execute(statement, values).fetchall()

    def value(self, actor: Actor, statement: str, *values: object) -> Any:
        """Return the first value of the first row; None without a row."""
        rows = self.rows(actor, statement, *values)
        return rows[0][0] if rows else None

    def pairs(self, actor: Actor, statement: str, *values: object) -> dict[Any, Any]:
        """Return the rows of two columns, the second by the first."""
        return dict(self.rows(actor, statement, *values))

    def key(self, actor: Actor, statement: str, *values: object) -> uuid.UUID:
        """Return the key of the row that a statement adds."""
        key = self.value(actor, statement, *values)
        assert isinstance(key, uuid.UUID)
        return key

    def count(self, actor: Actor, statement: str, *values: object) -> int:
        """Return how many rows a statement touched."""
        with self.acting(actor):
            return self.connection.execute(statement, values).rowcount

    def refusal(self, actor: Actor, statement: str, *values: object) -> str:
        """Return the SQLSTATE with which a statement is refused; an empty text when it is not refused."""
        with contextlib.suppress(_Undo):
            try:
                with self.connection.transaction():
                    self.rows(actor, statement, *values) if _answers(statement) else self.count(
                        actor, statement, *values
                    )
                    raise _Undo
            except psycopg.Error as error:
                return str(error.sqlstate)
        return ""

    def truth(self, statement: str, *values: object) -> Any:
        """Return the first value as the superuser sees it, past every rule."""
        row = self.connection.execute(statement, values).fetchone()
        return row[0] if row else None

    def make_person(self, *, anonymous: bool = False) -> uuid.UUID:
        """Add somebody to auth.users, with a confirmed address unless they are anonymous."""
        subject = uuid.uuid4()
        self.connection.execute(
            "insert into auth.users (id, email, email_confirmed_at, is_anonymous, aud, role)"
            " values (%s, %s::text, case when %s::text is not null then now() end, %s, %s, %s)",
            [subject, *[None if anonymous else f"{subject}@example.test"] * 2, anonymous, *["authenticated"] * 2],
        )
        return subject

    def end_as_committed(self) -> None:
        """Run what waits for the commit. Postgres truncates and alters no table while something waits."""
        self.connection.execute("set constraints all immediate")
        self.connection.execute("set constraints all deferred")

    @contextlib.contextmanager
    def past_every_trigger(self) -> Iterator[psycopg.Connection[Any]]:
        """Tamper as somebody who has the whole server: no trigger of a table fires, foreign keys included."""
        self.end_as_committed()
        self._have_triggers(False)
        yield self.connection
        self._have_triggers(True)

    def _have_triggers(self, have: bool) -> None:
        """Tell the catalogue whether tables have triggers; a hundred times quicker than ALTER TABLE for each."""
        self.connection.execute(
            "update pg_catalog.pg_class c set relhastriggers = %s where relnamespace = 'public'::regnamespace"
            " and relkind = 'r' and exists (select from pg_catalog.pg_trigger t where t.tgrelid = c.oid)",
            [have],
        )


class _Undo(Exception):
    """Takes back what was not refused."""


def _answers(statement: str) -> bool:
    return statement.lstrip().startswith(("select", "with", "values")) or " returning " in statement


@contextlib.contextmanager
def open_scene(connection: psycopg.Connection[Any]) -> Iterator[Scene]:
    """Open a scene in a session of the superuser, and leave the session as it was."""
    try:
        yield Scene(connection)
    finally:
        if not connection.closed:
            connection.rollback()
            connection.execute(_FORGET)
            connection.commit()


# An erasure asks what its transaction has updated, and Postgres also counts what the session has not reported yet.
_FORGET = "reset all; select pg_advisory_unlock_all(), pg_stat_force_next_flush()"
