"""A short sample of `python -m tests.outages`: workers are killed while they deliver, and nothing is lost."""

from collections.abc import Callable

import pytest

from fixtures.servers import Database
from lab.database.embedded.server import EmbeddedPostgres
from tests.connections.network import Missing
from tests.outages import run_outages, write_text


def test_nothing_is_lost_when_workers_are_killed_under_an_old_snapshot(
    server: EmbeddedPostgres, database: Callable[..., Database]
) -> None:
    try:
        outcome = run_outages(database(server), seconds=4, workers=2, every=1.5, rate=40, snapshot=True, rooms=1)
    except Missing as reason:
        pytest.skip(str(reason))
    assert outcome.faults == []
    assert outcome.queued
    assert outcome.kills
    assert len(outcome.recovered) == outcome.kills
    assert "0 faults" in write_text(outcome)
