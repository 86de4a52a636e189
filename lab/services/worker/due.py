"""Decides what is due, and how long to wait. Pure: the database's clock has already been read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from lab.rules.model import ScheduledTask

LONGEST_PAUSE = 30.0  # seconds; after it what is due is read again, because another worker may have stopped
SHORTEST_PAUSE = 0.2
QUICK_SECONDS = 120  # a task that may take longer never keeps the quick ones waiting
FIRST_RETRY, LONGEST_RETRY = 0.5, 30.0  # seconds, while the database does not answer


@dataclass(frozen=True)
class Due:
    """What a worker does next: run these tasks, in this order, and then wait so many seconds.

    The pause is short while something is due, because running it takes time. It is at most the shortest period, because
    another worker may be killed meanwhile.
    """

    tasks: tuple[ScheduledTask, ...]
    pause: float


def find_due(tasks: Iterable[ScheduledTask], waits: Mapping[str, float]) -> Due:
    """Decide what is due, and how long to wait.

    Args:
        tasks: The tasks of this worker, the most urgent first.
        waits: Seconds until each task's next run, by its id; a task that never ran has none, and is due.
    """
    left = {task: waits.get(task.id, 0.0) for task in tasks}
    due = tuple(task for task, seconds in left.items() if seconds <= 0)
    nearest = min([LONGEST_PAUSE, *left.values(), *(task.every_seconds for task in left)])
    return Due(due, max(SHORTEST_PAUSE, nearest))


def make_lanes(tasks: tuple[ScheduledTask, ...]) -> tuple[tuple[ScheduledTask, ...], ...]:
    """Divide tasks into those that run beside each other: the quick ones, and the ones that may take long."""
    quick = tuple(task for task in tasks if task.at_most_seconds <= QUICK_SECONDS)
    slow = tuple(task for task in tasks if task not in quick)
    return tuple(lane for lane in (quick, slow) if lane)


def retry_pause(failures: int, draw: Callable[[], float]) -> float:
    """Return how long to wait after some failures in a row: a random part of a pause that doubles (full jitter).

    Args:
        failures: 1 or more.
        draw: Returns a random number from 0 to 1.
    """
    return draw() * min(LONGEST_RETRY, FIRST_RETRY * 2.0 ** min(failures, 20))
