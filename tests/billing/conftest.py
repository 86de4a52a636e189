"""A database of one's own, and receivers before it."""

import contextlib
from collections.abc import Callable, Iterator

import pytest

from fixtures import servers
from fixtures.servers import Database
from lab.database.embedded import cluster as clusters
from lab.database.embedded.server import EmbeddedPostgres, start_embedded
from tests.billing.served import Endpoint, serve_receiver
from tests.billing.shops import Shop, open_shop

Serve = Callable[..., Endpoint]


@pytest.fixture
def serve(server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[Serve]:
    """Serve receivers before one database: `serve(secrets=(...), livemode=True)`."""
    own = database(server)
    with contextlib.ExitStack() as stack:
        yield lambda url="", **options: stack.enter_context(serve_receiver(own, url, **options))


@pytest.fixture(scope="session")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedPostgres]:
    """A server that a test may stop, which keeps what was committed."""
    own = start_embedded(tmp_path_factory.mktemp("own") / "postgres", programs=servers.find_programs(18))
    yield own
    own.stop()


class Stoppable:
    """A database whose server can be stopped at once, as by a lost machine, and started again.

    Args:
        database: The database.
        serve: Serves a receiver before it.
    """

    def __init__(self, database: Database, serve: Serve) -> None:
        self._cluster = database.server.cluster
        self.serve = serve

    def stop(self) -> None:
        """Stop the server at once: nothing is written any more, and no connection is closed properly."""
        assert clusters.stop(self._cluster, mode="immediate")

    def start(self) -> None:
        """Start it again; it recovers what was committed."""
        clusters.start(self._cluster)


@pytest.fixture
def stoppable(own_server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[Stoppable]:
    """Give a database whose server can be stopped."""
    own = database(own_server)
    with contextlib.ExitStack() as stack:
        one = Stoppable(own, lambda **options: stack.enter_context(serve_receiver(own, **options)))
        yield one
        if not own_server.alive:
            one.start()


@pytest.fixture
def shop(server: EmbeddedPostgres, database: Callable[..., Database]) -> Iterator[Shop]:
    """Open a shop of one's own."""
    with open_shop(database(server)) as one:
        yield one
