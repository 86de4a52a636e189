"""A sample of the forgeries by a superuser; `python -m tests.forgeries` runs thousands."""

from collections.abc import Callable

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.anchors.trial import try_all


@pytest.mark.parametrize("seed", [11, 12])
def test_every_forgery_is_named_and_nothing_else(
    server: EmbeddedPostgres, shared_database: Callable[..., Database], seed: int
) -> None:
    kinds, wrong, _ = try_all(shared_database(server).admin_url, 200, seed)
    assert sum(kinds.values()) == 200
    assert len(kinds) > 40
    assert wrong == []


def test_forgeries_are_named_on_every_major(
    each_server: EmbeddedPostgres, shared_database: Callable[..., Database]
) -> None:
    _, wrong, _ = try_all(shared_database(each_server).admin_url, 40, 13)
    assert wrong == []
