"""Several connections at once, each in a thread of its own, on a database of their own."""

import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg

from fixtures.servers import Database
from tests.wall.scenes import Scene
from tests.wall.seeds import World, begin_world

Connection = psycopg.Connection[Any]


def prepare(database: Database, arrange: Callable[[Scene, World], object] | None = None) -> World:
    """Put a person into a database, for good."""
    with psycopg.connect(database.admin_url, prepare_threshold=None) as connection:
        scene = Scene(connection)
        world = begin_world(scene)
        if arrange:
            arrange(scene, world)
    return world


def ask(database: Database, statement: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the rows of a statement, in a transaction of its own."""
    with psycopg.connect(database.url, prepare_threshold=None) as connection:
        return connection.execute(statement, values).fetchall()


def run_all(count: int, work: Callable[[int], None]) -> None:
    """Run the same work in several threads that begin together; raise the first failure."""
    barrier, failures = threading.Barrier(count), []

    def begin(place: int) -> None:
        barrier.wait(timeout=20)
        try:
            work(place)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=begin, args=[place]) for place in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    if failures:
        raise failures[0]


def overtake(database: Database, first: Callable[[Connection], Any], second: Callable[[Connection], Any]) -> Any:
    """Let the second act while the first has not committed; commit the first once the second is done or waits.

    Returns:
        What the second answered, or the SQLSTATE of its refusal.
    """
    answers: list[Any] = []
    name = f"second-{uuid.uuid4().hex[:8]}"

    def act() -> None:
        with psycopg.connect(database.url, application_name=name, prepare_threshold=None) as connection:
            try:
                answers.append(second(connection))
            except psycopg.Error as error:
                answers.append(error.sqlstate)
                connection.rollback()

    with psycopg.connect(database.url, prepare_threshold=None) as connection:
        first(connection)
        thread = threading.Thread(target=act)
        thread.start()
        _wait_until_done_or_waiting(database, name, thread)
        connection.commit()
        thread.join(timeout=30)
    assert answers, "the second never came to an end"
    return answers[0]


def _wait_until_done_or_waiting(database: Database, name: str, thread: threading.Thread) -> None:
    waits = "select wait_event_type = 'Lock' from pg_catalog.pg_stat_activity where application_name = %s"
    with psycopg.connect(database.admin_url, autocommit=True) as watcher:
        deadline = time.monotonic() + 10
        while thread.is_alive() and time.monotonic() < deadline:
            if watcher.execute(waits, [name]).fetchone() == (True,):
                return
            time.sleep(0.005)
