"""A database with a sound world in it."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.data_invariants.world import NAMES, WALL, WORLD

Databases = Callable[..., Database]


@pytest.fixture
def world(server: EmbeddedPostgres, shared_database: Databases) -> Iterator[Callable[[str], psycopg.Connection[Any]]]:
    """Give a database with the world in it, then changed by statements that no wall holds back."""
    with psycopg.connect(shared_database(server).admin_url, cursor_factory=psycopg.ClientCursor) as connection:
        ids = {name: uuid.uuid4() for name in NAMES}
        connection.execute(WORLD, ids)
        connection.execute("set constraints all immediate")  # no table is altered while something waits for the commit

        def change(statements: str) -> psycopg.Connection[Any]:
            connection.execute(WALL.format("disable"))
            connection.execute("set local session_replication_role = replica")
            connection.execute(statements, ids)
            connection.execute("set local session_replication_role = origin")
            connection.execute(WALL.format("enable always"))
            return connection

        yield change
        connection.rollback()
