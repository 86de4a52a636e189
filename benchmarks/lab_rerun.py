"""Measures the server time of a rerun of the Lab page, against an empty page on the same server.

The empty page has only the app's frame and menu. Both pages run in turn, so that other load affects both alike. A
script that does nothing, on a server of its own, shows the time of Streamlit alone. Time runs from sending rerun_script
to script_finished.
"""

import time
from collections.abc import Iterator
from itertools import cycle, islice

from websockets.sync.client import ClientConnection

from benchmarks.app_server import Run, open_session, rerun, serve_empty, serve_with_empty_page, wait_healthy
from benchmarks.timing import Row, read_options, report, summarise

THINK_SECONDS = 0.3
"""Seconds between two clicks; without them, TCP's delayed acknowledgements would be measured instead of the page."""

SCENARIOS = (
    "layer=artifacts",
    "layer=artifacts&channel=email&channel=gift&consent=email_delivery",
    "layer=passport&channel=pdf&consent=passport_write",
)
"""Scenarios, visited in turn, so that a page cannot reuse its last run."""

VIEWS = ("Needs", "Flow")


def main() -> None:
    """Measure and print."""
    options = read_options(__doc__, runs=40)
    with serve_with_empty_page() as port, serve_empty() as bare_port:
        wait_healthy(port)
        wait_healthy(bare_port)
        with open_session(port) as lab, open_session(port) as empty, open_session(bare_port) as bare:
            rounds = [*_rounds(lab, empty, bare, options.runs)]
    floor = summarise("empty page", [nothing.seconds for nothing, _, _ in rounds])
    rows = [_row(view, [page for _, page, _ in rounds][place :: len(VIEWS)], floor) for place, view in enumerate(VIEWS)]
    script = summarise("empty script, other server", [nothing.seconds for _, _, nothing in rounds], floor)
    largest = max((page for _, page, _ in rounds), key=lambda run: run.received_bytes)
    size = f"{largest.messages} messages, {largest.received_bytes / 1000:.1f} kB"
    report("Rerun", [floor, *rows, script], options.json, [f"The largest answer of the Lab page: {size}."])


def _row(view: str, runs: list[Run], floor: Row) -> Row:
    return summarise(f"Lab page, {view}", [run.seconds for run in runs], floor)


def _rounds(
    lab: ClientConnection, empty: ClientConnection, bare: ClientConnection, runs: int
) -> Iterator[tuple[Run, Run, Run]]:
    """Run all in turn, each view with each scenario; the first rounds, in which caches fill, do not count."""
    queries = [f"{scenario}&view={view}" for scenario in SCENARIOS for view in VIEWS]
    warming = 2 * len(queries)
    for place, query in enumerate(islice(cycle(queries), warming + runs * len(VIEWS))):
        time.sleep(THINK_SECONDS)
        nothing = rerun(empty, page="empty")
        time.sleep(THINK_SECONDS)
        page = rerun(lab, query)
        time.sleep(THINK_SECONDS)
        script = rerun(bare)
        if place >= warming:
            yield nothing, page, script


if __name__ == "__main__":
    main()
