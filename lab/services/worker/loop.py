"""The worker's loop: read what is due, run it, wait; and go on when the database was gone."""

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from lab.database.connect import LimitedConnection
from lab.rules.model import ScheduledTask
from lab.services.worker.due import find_due, make_lanes
from lab.services.worker.keep_on import Open, keep_on
from lab.services.worker.runs import open_connection, read_waits
from lab.services.worker.site import Site
from lab.services.worker.stopping import LOOK_SECONDS, Stop
from lab.services.worker.tasks import TASKS, Work
from lab.services.worker.turn import Ran, Tasks, run_if_due

Lane = tuple[ScheduledTask, ...]


@dataclass(frozen=True, kw_only=True)
class Worker:
    """A worker, and how it reports.

    Args:
        site: The database, the key and the worker's name.
        stop: A request to stop. The current task is finished first.
        report: Gets how each run ended; from several threads.
        tell: Gets sentences about what is wrong; from several threads.
        open: Opens a connection.
        draw: Returns a random number from 0 to 1, for the pauses after a failure.
        tasks: What each task does, by its id.
    """

    site: Site
    stop: Stop
    report: Callable[[Ran], None]
    tell: Callable[[str], None]
    open: Open = open_connection
    draw: Callable[[], float] = random.random
    tasks: Tasks = field(default_factory=lambda: TASKS)


def run_worker(worker: Worker, tasks: Lane, *others: Callable[[], None]) -> None:
    """Run the tasks when they are due, until a stop is asked for.

    The quick tasks and the long ones have a thread and a connection each.

    Args:
        worker: The worker.
        tasks: What it runs.
        others: What else runs beside them, each in a thread, until the same stop.

    Raises:
        WorkerUnusable: A worker cannot run in this database.
    """
    faults: list[BaseException] = []

    def run(lane: Callable[[], None]) -> None:
        try:
            lane()
        except BaseException as fault:  # raised again below, in the thread of the caller
            faults.append(fault)
            worker.stop.ask()

    lanes = (*(partial(run_lane, worker, lane) for lane in make_lanes(tasks)), *others)
    threads = [threading.Thread(target=run, args=(lane,), daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        _wait_for(thread)
    if faults:
        raise faults[0]


def _wait_for(thread: threading.Thread) -> None:
    """Wait for a thread's end, and let signals be handled meanwhile."""
    while thread.is_alive():
        thread.join(LOOK_SECONDS)


def run_lane(worker: Worker, tasks: Lane) -> None:
    """Run some tasks one after the other."""

    def run(connection: LimitedConnection) -> float:
        return run_due(worker, Work(site=worker.site, connection=connection, stop=worker.stop), tasks)

    keep_on(run, worker.site.url, stop=worker.stop, tell=worker.tell, open=worker.open, draw=worker.draw)


def run_due(worker: Worker, work: Work, tasks: Lane) -> float:
    """Run what is due, and return how long to wait then."""
    due = find_due(tasks, read_waits(work.connection, work.site, tasks))
    for task in due.tasks:
        if worker.stop.asked:
            break
        if ran := run_if_due(work, task, worker.tell, worker.tasks):
            worker.report(ran)
    return due.pause
