"""The history of checks: a file of SQLite, or a schema of Postgres that several copies of the app share."""

from lab.readiness.history.kept_run import KeptFinding, KeptRun, keep_run
from lab.readiness.history.kept_scenario import KeptScenario
from lab.readiness.history.place import History, HistoryUnavailable, SharedHistory, find_history
from lab.readiness.history.records import KEEP_DAYS, KEEP_RUNS, read_runs, read_targets, record_run
from lab.readiness.history.scenarios import MOST_SCENARIOS, forget_scenario, keep_scenario, read_scenarios

__all__ = [
    "KEEP_DAYS",
    "KEEP_RUNS",
    "MOST_SCENARIOS",
    "History",
    "HistoryUnavailable",
    "KeptFinding",
    "KeptRun",
    "KeptScenario",
    "SharedHistory",
    "find_history",
    "forget_scenario",
    "keep_run",
    "keep_scenario",
    "read_runs",
    "read_scenarios",
    "read_targets",
    "record_run",
]
