"""Orphans: every reference of a table points at an existing row."""

from lab.rules.model import Invariant, Severity
from lab.rules.tables import TABLES

ORPHANS = tuple(
    Invariant(
        id=f"orphans_in_{table.id}",
        table=table,
        title=f"Every reference of {table.id} points at an existing row: "
        f"{', '.join(column.name for column in table.foreign_keys)}.",
        severity=Severity.HIGH,
        chapter=13,
        why="The parent row is missing, so code that needs both fails, and an erasure may miss this row.",
        derived="orphans",
        walks=table,
        counts="reference",
        decide="Restore the parent rows from a backup, or erase the rows that point at them. Then find out who "
        "disabled the foreign key's triggers.",
        accept="When the rows belong to an erasure that a person finishes by hand, for a few days.",
    )
    for table in TABLES
    if table.foreign_keys
)
