"""Server time of a rerun of the Lab page, against a script that does nothing.

Two servers with the same settings, one for the app and one for the empty script, are asked in turn, so that
whatever else the machine does strikes both alike. Time runs from sending rerun_script to script_finished.
"""

import time
from itertools import cycle

from websockets.sync.client import ClientConnection

from benchmarks.app_server import PROJECT, Run, open_session, rerun, serve, serve_empty, wait_healthy
from benchmarks.timing import read_options, report, summarise

THINK_SECONDS = 0.3
"""Between two clicks; without it, TCP's delayed acknowledgements are measured instead of the page."""

QUERIES = ("layer=artifacts", "layer=artifacts&channels=email&channels=gift", "layer=passport&channels=pdf")
"""Scenarios, visited in turn so that a page cannot answer from its last run."""


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, runs=40)
    with serve(PROJECT / "app.py") as lab_port, serve_empty() as empty_port:
        wait_healthy(lab_port)
        wait_healthy(empty_port)
        with open_session(lab_port) as lab, open_session(empty_port) as empty:
            measured = _alternate(lab, empty, options.runs)
    floor = summarise("empty script", [one.seconds for one, _ in measured])
    page = summarise("Lab page", [other.seconds for _, other in measured], floor)
    largest = max((run for _, run in measured), key=lambda run: run.received_bytes)
    notes = [
        f"The largest answer of the Lab page: {largest.messages} messages, {largest.received_bytes / 1000:.1f} kB."
    ]
    report("Rerun", [floor, page], options.json, notes)


def _alternate(lab: ClientConnection, empty: ClientConnection, runs: int) -> list[tuple[Run, Run]]:
    """Ask both in turn; the first rounds, in which caches fill, do not count."""
    measured = []
    for query, _ in zip(cycle(QUERIES), range(runs + 2 * len(QUERIES)), strict=False):
        time.sleep(THINK_SECONDS)
        nothing = rerun(empty)
        time.sleep(THINK_SECONDS)
        measured.append((nothing, rerun(lab, query)))
    return measured[2 * len(QUERIES) :]


if __name__ == "__main__":
    main()
