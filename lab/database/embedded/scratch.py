"""A server for one question, with nothing in it but the bare platform."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.database.embedded.server import EmbeddedPostgres, start_embedded


@contextmanager
def open_scratch(major: int = 18, programs: Path | None = None) -> Iterator[EmbeddedPostgres]:
    """Start a server of its own and stop it at the end, however that comes; its data is removed with it.

    Not a database on the server that is there: roles belong to the whole server, and those that are made for a
    question must not be left with somebody else's data.

    Args:
        major: The Postgres major version.
        programs: The `bin` folder of another Postgres than the packaged one.

    Raises:
        EmbeddedUnavailable: The platform, or the folder for temporary files, doesn't allow it.
    """
    with tempfile.TemporaryDirectory(prefix="lab-scratch-") as place:
        server = start_embedded(Path(place) / "postgres", major=major, durable=False, programs=programs)
        try:
            yield server
        finally:
            server.stop()
