"""Fixtures of the wall's tests: scenes on every major."""

from collections.abc import Callable, Iterator

import pytest

from lab.embedded import EmbeddedPostgres
from tests.servers import Database
from tests.wall.scenes import Scene, open_scene


@pytest.fixture
def scene(each_server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[Scene]:
    """A transaction on a migrated database of each major, rolled back at the end."""
    with open_scene(shared_database(each_server).admin_url) as opened:
        yield opened
