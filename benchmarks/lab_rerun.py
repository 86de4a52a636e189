"""Server time of a rerun of the Lab page, against a script that does nothing.

Two servers with the same settings, one for the app and one for the empty script, are asked in turn, so that
whatever else the machine does strikes both alike. Time runs from sending rerun_script to script_finished.
"""

import time
from collections.abc import Iterator
from itertools import cycle, islice

from websockets.sync.client import ClientConnection

from benchmarks.app_server import PROJECT, Run, open_session, rerun, serve, serve_empty, wait_healthy
from benchmarks.timing import Row, read_options, report, summarise

THINK_SECONDS = 0.3
"""Between two clicks; without it, TCP's delayed acknowledgements are measured instead of the page."""

SCENARIOS = (
    "layer=artifacts",
    "layer=artifacts&channel=email&channel=gift&consent=email_delivery",
    "layer=passport&channel=pdf&consent=passport_write",
)
"""Visited in turn, so that a page cannot answer from its last run."""

VIEWS = ("Overview", "Flow")


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, runs=40)
    with serve(PROJECT / "app.py") as lab_port, serve_empty() as empty_port:
        wait_healthy(lab_port)
        wait_healthy(empty_port)
        with open_session(lab_port) as lab, open_session(empty_port) as empty:
            rounds = [*_rounds(lab, empty, options.runs)]
    floor = summarise("empty script", [nothing.seconds for nothing, _ in rounds])
    rows = [_row(view, [page for _, page in rounds][place :: len(VIEWS)], floor) for place, view in enumerate(VIEWS)]
    largest = max((page for _, page in rounds), key=lambda run: run.received_bytes)
    size = f"{largest.messages} messages, {largest.received_bytes / 1000:.1f} kB"
    report("Rerun", [floor, *rows], options.json, [f"The largest answer of the Lab page: {size}."])


def _row(view: str, runs: list[Run], floor: Row) -> Row:
    return summarise(f"Lab page, {view}", [run.seconds for run in runs], floor)


def _rounds(lab: ClientConnection, empty: ClientConnection, runs: int) -> Iterator[tuple[Run, Run]]:
    """Ask both in turn, each view with each scenario; the first rounds, in which caches fill, do not count."""
    queries = [f"{scenario}&view={view}" for scenario in SCENARIOS for view in VIEWS]
    warming = 2 * len(queries)
    for place, query in enumerate(islice(cycle(queries), warming + runs * len(VIEWS))):
        time.sleep(THINK_SECONDS)
        nothing = rerun(empty)
        time.sleep(THINK_SECONDS)
        page = rerun(lab, query)
        if place >= warming:
            yield nothing, page


if __name__ == "__main__":
    main()
