"""The made-up shop, once for all tests of a worker: each call takes itself back."""

from collections.abc import Iterator

import pytest

from fixtures.servers import keep_clones
from lab.database.embedded.server import EmbeddedPostgres
from tests.reference.stage import Stage, open_stage


@pytest.fixture(scope="session")
def stage(server: EmbeddedPostgres) -> Iterator[Stage]:
    """Open it on a database of its own, because its transaction stays open to the end."""
    with keep_clones() as give, open_stage(give(server).admin_url) as opened:
        yield opened
