"""Writes checks into the history, and reads them. SQLAlchemy is slow to import, so it is imported at the first use."""

from lab.readiness.history.kept_run import KeptRun
from lab.readiness.history.place import History

KEEP_RUNS = 500  # of one target
KEEP_DAYS = 400  # a year of comparisons, and some weeks


def record_run(history: History, run: KeptRun) -> None:
    """Add a run, and delete runs of its target that are too old or too many.

    Safe with several processes: one writes after the other.

    Raises:
        HistoryUnavailable: It can't be reached or written, is damaged, or is not ours.
    """
    from lab.readiness.history import access, tables

    with access.open_for_writing(history) as connection:
        tables.insert_run(connection, run)
        tables.prune_runs(connection, run, KEEP_RUNS, KEEP_DAYS)


def read_runs(history: History, target: str | None = None, limit: int = KEEP_RUNS) -> tuple[KeptRun, ...]:
    """Return the newest runs, of one target or of all, in the order of their time. Read-only.

    Raises:
        HistoryUnavailable: It can't be reached, is damaged, or is not ours.
    """
    from lab.readiness.history import access, tables

    with access.open_for_reading(history) as connection:
        return tables.select_runs(connection, target, limit) if connection else ()


def read_targets(history: History) -> tuple[str, ...]:
    """Return the targets that have runs, by name. Read-only.

    Raises:
        HistoryUnavailable: As for `read_runs`.
    """
    from lab.readiness.history import access, tables

    with access.open_for_reading(history) as connection:
        return tables.select_targets(connection) if connection else ()
