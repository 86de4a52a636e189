"""Measures how long a start takes: of the embedded database, and of the app until its first page is drawn.

Cold is a data folder that does not exist yet, warm is the same folder again. A database's floor is its warm
start; an app's floor is a server whose script does nothing. The app's own database starts beside it, and its
first page does not wait for it.
"""

import tempfile
import time
from contextlib import AbstractContextManager
from pathlib import Path

from benchmarks.app_server import PROJECT, open_session, rerun, serve, serve_empty, wait_healthy
from benchmarks.timing import Row, read_options, report, summarise
from lab.database.embedded.server import start_embedded


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, rounds=3)
    report("Start", [*_database(options.rounds), *_app(options.rounds)], options.json)


def _database(rounds: int) -> list[Row]:
    cold, warm = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            cold.append(_start_and_stop(Path(folder) / "postgres"))
            warm.append(_start_and_stop(Path(folder) / "postgres"))
    floor = summarise("database, warm", warm)
    return [floor, summarise("database, cold", cold, floor)]


def _start_and_stop(folder: Path) -> float:
    """Return how long the start took; the stop does not count."""
    start = time.perf_counter()
    server = start_embedded(folder)
    seconds = time.perf_counter() - start
    server.stop()
    return seconds


def _app(rounds: int) -> list[Row]:
    pairs = [(_until_drawn(serve_empty()), _until_drawn(serve(PROJECT / "app.py"))) for _ in range(rounds)]
    healthy = summarise("empty script, healthy", [empty[0] for empty, _ in pairs])
    drawn = summarise("empty script, first run ended", [empty[1] for empty, _ in pairs])
    return [
        healthy,
        summarise("app, healthy", [app[0] for _, app in pairs], healthy),
        drawn,
        summarise("app, first page drawn", [app[1] for _, app in pairs], drawn),
    ]


def _until_drawn(server: AbstractContextManager[int]) -> tuple[float, float]:
    """Return the seconds from the start of the process until it is healthy, and until a first run has ended."""
    start = time.perf_counter()
    with server as port:
        wait_healthy(port)
        healthy = time.perf_counter() - start
        with open_session(port) as session:
            rerun(session)
        return healthy, time.perf_counter() - start


if __name__ == "__main__":
    main()
