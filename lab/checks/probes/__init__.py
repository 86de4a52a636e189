"""Probes: commands on a live database as each role, with made-up rows, in one transaction that is always rolled back.

No row, notification or lock remains. The report's notes say what a rollback does not undo: used sequence values are not
reused, and dead rows wait for vacuum. Rows that the probes did not make are neither read nor locked. TRUNCATE is not
tried, because it would lock a table against everybody; its privilege is read from the catalogue. Functions are called
only if they affect made-up rows alone. Of every other one only the privilege is tried, by EXPLAIN, which runs nothing.
"""

from lab.checks.probes.matrix_view import MatrixRow, matrix_rows, matrix_text
from lab.checks.probes.promise_results import PromiseResult, list_promise_results
from lab.checks.probes.report import ProbeResult, ProbeRun
from lab.checks.probes.session import PHASES, probe_database

__all__ = [
    "PHASES",
    "MatrixRow",
    "ProbeResult",
    "ProbeRun",
    "PromiseResult",
    "list_promise_results",
    "matrix_rows",
    "matrix_text",
    "probe_database",
]
