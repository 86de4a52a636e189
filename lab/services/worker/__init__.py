"""The worker: any number of them, on any machines, run each scheduled task once in its period.

The database decides who runs a task, by a lease in `scheduled_runs`. A worker that is killed loses nothing: its lease
ends, and another run begins.
"""

from lab.services.worker.loop import Worker, run_worker
from lab.services.worker.once import run_once
from lab.services.worker.runs import WorkerUnusable
from lab.services.worker.site import Site, name_worker
from lab.services.worker.stopping import LOOK_SECONDS, Stop, stopping_on_signals
from lab.services.worker.turn import Ran

__all__ = [
    "LOOK_SECONDS",
    "Ran",
    "Site",
    "Stop",
    "Worker",
    "WorkerUnusable",
    "name_worker",
    "run_once",
    "run_worker",
    "stopping_on_signals",
]
