"""A temporary server that holds only the roles and schemas of the platform."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lab.database.embedded.server import EmbeddedPostgres, start_embedded


@contextmanager
def open_scratch(major: int = 18, programs: Path | None = None) -> Iterator[EmbeddedPostgres]:
    """Start a temporary server; at the end, also after an error, stop it and remove its data.

    A new database on an existing server would not do: roles belong to the whole server, and temporary roles must
    not remain beside other data.

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
