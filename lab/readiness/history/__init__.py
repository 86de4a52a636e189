"""The history of checks: a file of SQLite, or a schema of Postgres that several copies of the app share."""

from lab.readiness.history.kept_run import KeptFinding, KeptRun, keep_run
from lab.readiness.history.place import History, HistoryUnavailable, SharedHistory, find_history
from lab.readiness.history.records import KEEP_DAYS, KEEP_RUNS, read_runs, read_targets, record_run

__all__ = [
    "KEEP_DAYS",
    "KEEP_RUNS",
    "History",
    "HistoryUnavailable",
    "KeptFinding",
    "KeptRun",
    "SharedHistory",
    "find_history",
    "keep_run",
    "read_runs",
    "read_targets",
    "record_run",
]
