"""Fixtures of the deliveries' tests: a shop on a database of its own, with a mailbox and a renderer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from lab.services.documents import Renderer
from lab.services.mailbox import Mailbox, serve_mailbox
from tests.delivery.people import Shop, open_shop


@pytest.fixture(scope="session")
def renderer() -> Iterator[Renderer]:
    """A warm renderer."""
    with Renderer() as made:
        yield made


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mailbox of its own."""
    with serve_mailbox() as made:
        yield made


@pytest.fixture
def shop(
    server: EmbeddedPostgres, database: Callable[..., Database], mailbox: Mailbox, renderer: Renderer, tmp_path: Path
) -> Shop:
    """A shop with one person who allows e-mail."""
    return open_shop(database(server), mailbox, renderer, tmp_path / "files")
