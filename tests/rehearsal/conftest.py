"""Fixtures of the rehearsals' tests: one stage for all of a worker's plays, each of which puts everything back."""

from collections.abc import Iterator

import pytest

from fixtures.servers import clone_database, drop_database
from lab.database.embedded.server import EmbeddedPostgres
from lab.rehearsal.scene import Stage
from lab.rehearsal.schedules import list_faults
from lab.rehearsal.stage import open_stage


@pytest.fixture(scope="session")
def stage(server: EmbeddedPostgres) -> Iterator[Stage]:
    """What every play begins with."""
    database = clone_database(server, "migrated")
    with open_stage(database.url) as made:
        yield made
    drop_database(database)


@pytest.fixture(scope="session")
def faults(stage: Stage) -> tuple[object, ...]:
    """Every fault at every point of a play without faults."""
    return list_faults(stage)
