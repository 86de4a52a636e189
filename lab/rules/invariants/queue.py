"""Invariants of the queue: jobs that are due, leased, postponed, parked or dead."""

from lab.rules.model import Invariant, Severity
from lab.rules.tables.delivery import delivery_jobs
from lab.rules.tables.sending import delivery_effects

sequences_exhausted = Invariant(
    id="sequences_exhausted",
    table=delivery_jobs,
    title="Every sequence has a tenth of its numbers left.",
    severity=Severity.HIGH,
    chapter=13,
    why="Once the numbers run out, no job, no consent and no line of the audit trail can be written.",
    derived="sequences",
    counts="sequence",
    decide="Find out what used the numbers. Raise the sequence's maximum, or change the column's type, in time.",
    accept="Until the maintenance window in which you raise the maximum, while numbers are left for weeks.",
)
jobs_overdue = Invariant(
    id="jobs_overdue",
    table=delivery_jobs,
    title="Every due job is claimed within 15 minutes.",
    severity=Severity.HIGH,
    chapter=6,
    why="There is no worker for the job, or there are too few.",
    decide="Check that a worker runs, or start one: the program that calls public.claim_delivery_jobs.",
    accept="During maintenance, while deliveries are stopped on purpose.",
)
leases_expired = Invariant(
    id="leases_expired",
    table=delivery_jobs,
    title="Every expired lease is recovered.",
    severity=Severity.HIGH,
    chapter=6,
    why="No worker recovers the jobs of stopped workers.",
    repairs=True,
    accept="Never: run the repair.",
)
jobs_held_for_long = Invariant(
    id="jobs_held_for_long",
    table=delivery_jobs,
    title="Every running job has a lease of at most an hour.",
    severity=Severity.HIGH,
    chapter=6,
    why="A job with a longer lease, or without one, is never recovered.",
    repairs=True,
    accept="Never: run the repair.",
)
jobs_put_off = Invariant(
    id="jobs_put_off",
    table=delivery_jobs,
    title="No job is postponed beyond the queue's longest delay.",
    severity=Severity.HIGH,
    chapter=6,
    why="A job that is postponed too far is not delivered, but looks like a normal waiting job.",
    decide="Find out who changed it without the queue's functions. Park and retry the job, so that it is due at once.",
    accept="When you postponed a job by hand, until it is due.",
)
jobs_parked_for_long = Invariant(
    id="jobs_parked_for_long",
    table=delivery_jobs,
    title="No job is parked for more than a week.",
    severity=Severity.MEDIUM,
    chapter=6,
    why="A parked job needs a decision, and nobody has made one for a week.",
    decide="Find out why it was parked. Retry it, or tell the customer that it will not be delivered.",
    accept="While you wait for an answer of the customer.",
)
dead_letters = Invariant(
    id="dead_letters",
    table=delivery_jobs,
    title="No job is a dead letter.",
    severity=Severity.MEDIUM,
    chapter=6,
    why="The delivery failed for good, and a person must decide what happens to it.",
    decide="Open the job in the queue: it shows the error code. Then retry it or park it.",
    accept="While you wait for an answer of the customer.",
)
sends_unanswered = Invariant(
    id="sends_unanswered",
    table=delivery_effects,
    title="It is known of every message whether it was sent.",
    severity=Severity.MEDIUM,
    chapter=6,
    why="The provider did not answer, and cannot be asked. Sending again could reach the customer twice.",
    decide="Look into the provider's log, or ask the customer. Then decide that it arrived, or send it again.",
    accept="While you wait for the provider's answer, for a few days.",
)
intents_left = Invariant(
    id="intents_left",
    table=delivery_effects,
    title="Every message that was begun is finished with its job.",
    severity=Severity.HIGH,
    chapter=6,
    why="The job has ended, so that the result of its message is never recorded.",
    decide="Find out which program completes e-mail jobs without finish_send, and look into the provider's log.",
    accept="Never: find the program that skips finish_send.",
)
