"""Erasures on a database of their own: asked for, called again and again, and what they leave."""

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg

from fixtures.servers import Database
from tests.wall.crowds import Connection, ask
from tests.wall.scenes import Scene
from tests.wall.seeds import World, ask_for_erasure, make_world

ROWS = "select count(*) from public.oracle_scrolls where subject_id = %s"
SCROLL = "insert into public.oracle_scrolls (subject_id, question) values (%s, 'A question?')"

CALL = "select table_name, affected, state, reason from public.erase_subject(%s)"


def request_erasure(database: Database, subject: uuid.UUID, *states: str) -> uuid.UUID:
    """Ask for an end, for good; the request runs, unless states are given."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        return ask_for_erasure(Scene(connection), subject, *states)


def call(database: Database, request: uuid.UUID) -> str:
    """Call once, in a transaction of its own; return the state."""
    states = {row[2] for row in ask(database, CALL, request)}
    assert len(states) == 1
    return str(states.pop())


def proceed(database: Database, request: uuid.UUID) -> str:
    """Call until nobody older is left: transactions of other databases on the server count, too."""
    for _ in range(500):
        if (state := call(database, request)) != "waiting":
            break
        time.sleep(0.02)
    return state


def erase(database: Database, subject: uuid.UUID) -> uuid.UUID:
    """Erase somebody and settle all that is left to do; return the request."""
    request = request_erasure(database, subject)
    assert call(database, request) == "waiting"
    assert proceed(database, request) in ("files", "processors")
    settle(database, request)
    return request


def settle(database: Database, request: uuid.UUID) -> None:
    """Delete the listed files and settle the processors, as the site's server says; the request is done."""
    ask(
        database,
        "select public.finish_storage_deletion(id) from public.storage_deletions where request_id = %s",
        request,
    )
    assert call(database, request) == "processors"
    for state in ("running", "done"):
        ask(
            database,
            "update public.privacy_request_steps set status = %s"
            " where request_id = %s and name = 'processors' returning 1",
            *(state, request),
        )
    assert call(database, request) == "done"


def left(database: Database, subject: uuid.UUID) -> list[str]:
    """Return the columns that still name somebody."""
    with psycopg.connect(database.admin_url) as connection:
        rows: list[tuple[Any, ...]] = connection.execute("select wall.erasure_left(%s)", [subject]).fetchall()
    return [place for (place,) in rows]


def populate(database: Database) -> World:
    """Put a person with a row in every table into a database, for good."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        return make_world(Scene(connection))


@contextmanager
def opened(database: Database, isolation: str = "read committed") -> Iterator[Connection]:
    """Open a transaction that has its view of the data, and a number, before the block begins."""
    with psycopg.connect(database.url, prepare_threshold=None) as connection:
        connection.execute(f"set transaction isolation level {isolation}")
        connection.execute("select pg_current_xact_id()")
        with suppress(psycopg.Error):
            yield connection
        connection.rollback()


def refusal(connection: Connection, statement: str, *values: object) -> str:
    """Return the SQLSTATE of a refusal inside a transaction that goes on; empty without one."""
    try:
        with connection.transaction():
            connection.execute(statement, values)
    except psycopg.Error as error:
        return str(error.sqlstate)
    return ""
