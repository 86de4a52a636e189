"""The schedule: what the worker does by itself, how often, and how long one run may take."""

from lab.rules.model import ScheduledTask

process_stripe_events = ScheduledTask(
    id="process_stripe_events",
    title="Process Stripe's events",
    does="Looks each received event up at Stripe and applies it to its purchase.",
    every_seconds=3,
    at_most_seconds=60,
    asks_stripe=True,
    source="product",
)
reconcile_payments = ScheduledTask(
    id="reconcile_payments",
    title="Reconcile recent payments",
    does="Compares the payments of the last three days with Stripe, and settles what never arrived.",
    every_seconds=3_600,
    at_most_seconds=900,
    asks_stripe=True,
    source="product; https://docs.stripe.com/webhooks#automatic-retries: deliveries are repeated for three days",
)
reconcile_all_payments = ScheduledTask(
    id="reconcile_all_payments",
    title="Reconcile all payments",
    does="Compares the payments of the last 60 days with Stripe, and settles what never arrived.",
    every_seconds=86_400,
    at_most_seconds=3_600,
    asks_stripe=True,
    source="product",
)
recover_deliveries = ScheduledTask(
    id="recover_deliveries",
    title="Recover deliveries",
    does="Returns the jobs of stopped workers to the queue, and applies consents to rows that were locked.",
    every_seconds=5,
    at_most_seconds=10,  # a worker that is killed in this task itself keeps the others from it no longer
    asks_stripe=False,
    source="product",
)
seal_ledgers = ScheduledTask(
    id="seal_ledgers",
    title="Seal the ledgers",
    does="Adds new entries of both ledgers to the hash chain.",
    every_seconds=60,
    at_most_seconds=120,
    asks_stripe=False,
    source="product",
)
prune_deliveries = ScheduledTask(
    id="prune_deliveries",
    title="Prune ended deliveries",
    does="Takes away jobs that ended two years ago, with their attempts, and keeps their keys and what left.",
    every_seconds=86_400,
    at_most_seconds=900,
    asks_stripe=False,
    source="product; lab/rules/retention.py",
)
list_withdrawn_files = ScheduledTask(
    id="list_withdrawn_files",
    title="List the files of withdrawn artifacts",
    does="Lists the files of withdrawn artifacts for deletion, except those under a legal hold.",
    every_seconds=60,
    at_most_seconds=60,
    asks_stripe=False,
    source="product",
)

SCHEDULE = (
    process_stripe_events,
    recover_deliveries,
    seal_ledgers,
    reconcile_payments,
    reconcile_all_payments,
    list_withdrawn_files,
    prune_deliveries,
)
