"""Invariants of the schedule. What the other tasks leave undone is seen by itself: late events, leases and seals."""

from lab.rules.model import Invariant, Severity
from lab.rules.tables.schedule import scheduled_runs

payments_unreconciled = Invariant(
    id="payments_unreconciled",
    table=scheduled_runs,
    title="While real purchases exist, payments were reconciled with Stripe within the last three hours.",
    # Low, because nothing is lost yet, and a shop may reconcile with a program of its own, which leaves no row.
    severity=Severity.LOW,
    chapter=13,
    why="If the event of a payment never arrives, only reconciliation finds it. Until then its buyer has paid and receives nothing.",
    decide="Check that a worker with a live key runs: python -m lab worker. Then look up the run's error code.",
    accept="On a target that sells nothing.",
)
