"""The made-up shop, once for all tests of a worker: each call takes itself back."""

from collections.abc import Callable, Iterator

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.reference.stage import Stage, open_stage


@pytest.fixture(scope="session")
def stage(server: EmbeddedPostgres, shared_database: Callable[..., Database]) -> Iterator[Stage]:
    with open_stage(shared_database(server).admin_url) as opened:
        yield opened
