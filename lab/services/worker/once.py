"""Runs what is due now, once."""

from collections.abc import Callable

from lab.rules.model import ScheduledTask
from lab.services.worker.due import find_due
from lab.services.worker.runs import open_connection, read_waits
from lab.services.worker.site import Site
from lab.services.worker.stopping import Stop
from lab.services.worker.tasks import Work
from lab.services.worker.turn import Ran, run_if_due


def run_once(site: Site, tasks: tuple[ScheduledTask, ...], stop: Stop, tell: Callable[[str], None]) -> list[Ran]:
    """Run each task that is due and that no other worker runs; return how each run ended.

    Raises:
        DatabaseUnavailable: The database cannot be reached.
        psycopg.Error: The connection is lost.
        WorkerUnusable: Another attempt cannot succeed.
    """
    ended = []
    with open_connection(site.url) as connection:
        work = Work(site=site, connection=connection, stop=stop)
        for task in find_due(tasks, read_waits(connection, site, tasks)).tasks:
            if not stop.asked and (ran := run_if_due(work, task, tell)):
                ended.append(ran)
    return ended
