"""Where an embedded server is, and how it is started."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.database.embedded.server import (
    EmbeddedPostgres,
    start_embedded,
)
from tests.embedded.processes import Start, stop_server


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that no other test run closes: pytest's own is shut to everybody else at each of its starts."""
    with tempfile.TemporaryDirectory(prefix="lab-", ignore_cleanup_errors=True) as made:
        yield Path(made)


@pytest.fixture
def folder(place: Path) -> Path:
    return place / "postgres-18"


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    def begin(**options: object) -> EmbeddedPostgres:
        return start_embedded(folder, **{"durable": False, **options})  # type: ignore[arg-type]

    yield begin
    stop_server(folder)
