"""Probes: the live wall tried as everybody, with made-up rows, inside one transaction that is always rolled back.

Nothing is left: no row, no notification, no lock. What rolling back does not take back is said in the report's
notes: sequences keep the numbers that were drawn, and dead rows wait for vacuum. Rows that the probes did not make
are neither read nor locked. Not tried, as trying would lock a table against everybody: TRUNCATE; its privilege is
asked of the catalogue instead. Functions are called only where they meet made-up rows alone; of every other one only
the privilege is tried, by EXPLAIN, which runs nothing.
"""

from lab.checks.probes.matrix_view import MatrixRow, matrix_rows, matrix_text
from lab.checks.probes.promise_results import Sentence, list_sentences
from lab.checks.probes.report import ProbeResult, ProbeRun
from lab.checks.probes.session import PHASES, probe_database

__all__ = [
    "PHASES",
    "MatrixRow",
    "ProbeResult",
    "ProbeRun",
    "Sentence",
    "list_sentences",
    "matrix_rows",
    "matrix_text",
    "probe_database",
]
