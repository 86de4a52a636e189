"""The queue: jobs that are due, leased, put off, parked and dead."""

from lab.rules.model import Invariant, Severity
from lab.rules.tables.delivery import delivery_jobs

jobs_overdue = Invariant(
    id="jobs_overdue",
    table=delivery_jobs,
    title="Every job is taken up within a quarter of an hour.",
    severity=Severity.HIGH,
    chapter=6,
    why="A job that has been due for a quarter of an hour has no worker, or too few of them.",
    decide="See whether a worker runs, and start one: whatever calls public.claim_delivery_jobs for the shop.",
)
leases_expired = Invariant(
    id="leases_expired",
    table=delivery_jobs,
    title="No lease has run out unnoticed.",
    severity=Severity.HIGH,
    chapter=6,
    why="A lease that ran out minutes ago means that no worker is recovering the jobs of dead ones.",
    repairs=True,
)
jobs_held_for_long = Invariant(
    id="jobs_held_for_long",
    table=delivery_jobs,
    title="Every running job is leased, for an hour at most.",
    severity=Severity.HIGH,
    chapter=6,
    why="No function leases a job for more than an hour: one that is held for longer, or by no lease, is never "
    "recovered.",
    repairs=True,
)
jobs_put_off = Invariant(
    id="jobs_put_off",
    table=delivery_jobs,
    title="No job is put off for longer than the queue ever does.",
    severity=Severity.HIGH,
    chapter=6,
    why="A job that is due in the far future is never delivered, and looks as if it merely waited its turn.",
    decide="Find out who wrote it past the queue's functions; park the job and retry it, and it is due at once.",
)
jobs_parked_for_long = Invariant(
    id="jobs_parked_for_long",
    table=delivery_jobs,
    title="No job has been parked for more than a week.",
    severity=Severity.MEDIUM,
    chapter=6,
    why="A parked job is a promise that somebody meant to look into; after a week nobody does.",
    decide="Look into what it was parked for: retry it, or tell the customer that it will not come.",
)
dead_letters = Invariant(
    id="dead_letters",
    table=delivery_jobs,
    title="There is no dead letter.",
    severity=Severity.MEDIUM,
    chapter=6,
    why="A dead letter is something that was promised and did not arrive; only a person can decide what becomes of it.",
    decide="Open the queue: the job's line says what went wrong and whom it concerns only by number.",
)
