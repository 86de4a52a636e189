"""Fixtures of the wall's tests: scenes on every major."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from fixtures import servers
from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.wall.scenes import Scene, open_scene
from tests.wall.seeds import World, begin_world, give

Session = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def sessions(shared_database: Callable[..., Database]) -> Iterator[Callable[[EmbeddedPostgres], Session]]:
    """Give the session of a server that all scenes of a file share: a new one would plan every function anew."""
    with contextlib.ExitStack() as stack:
        opened: dict[int, Session] = {}

        def find(server: EmbeddedPostgres) -> Session:
            if server.major not in opened or opened[server.major].closed:
                url = shared_database(server).admin_url
                opened[server.major] = stack.enter_context(psycopg.connect(url, prepare_threshold=None))
            return opened[server.major]

        yield find


@pytest.fixture
def scene(server: EmbeddedPostgres, sessions: Callable[[EmbeddedPostgres], Session]) -> Iterator[Scene]:
    """A transaction on a migrated database of the default major, rolled back at the end."""
    with open_scene(sessions(server)) as opened:
        yield opened


@pytest.fixture
def each_scene(each_server: EmbeddedPostgres, sessions: Callable[[EmbeddedPostgres], Session]) -> Iterator[Scene]:
    """A scene on each major."""
    with open_scene(sessions(each_server)) as opened:
        yield opened


@pytest.fixture
def own(server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    """A database of its own."""
    return database(server)


@pytest.fixture
def each_own(each_server: EmbeddedPostgres, database: Callable[..., Database]) -> Database:
    """A database of its own on each major."""
    return database(each_server)


@pytest.fixture
def allowed(scene: Scene) -> World:
    """A person who allows the AI to read their question."""
    made = begin_world(scene)
    give(scene, made.subject, "ai_processing")
    return made


@pytest.fixture
def world(scene: Scene) -> World:
    """A person who allows e-mail."""
    made = begin_world(scene)
    give(scene, made.subject, "email_delivery")
    return made


@pytest.fixture(scope="session")
def populated_database() -> Iterator[Callable[..., Database]]:
    """Give one database for each major and template, which keeps what is put into it."""
    with servers.keep_clones() as give:
        yield give
