"""The newest run of each scheduled task, and the lease that lets one worker run it."""

from lab.rules.constructors import (
    KEEP,
    SELECT,
    check,
    created,
    ids,
    key,
    operational,
    server,
    stamp,
    unique,
)
from lab.rules.forms import WORKER
from lab.rules.model import Table
from lab.rules.schedule import SCHEDULE

NO_STRIPE, TEST, LIVE = "none", "test", "live"

scheduled_runs = Table(
    id="scheduled_runs",
    title="Scheduled runs",
    description="The newest run of each scheduled task: which worker, since when, and how it ended. Holds only codes and times.",
    loss="Two workers could run a task at the same time, and a task that no worker runs would not be noticed.",
    columns=(
        key(erase=KEEP),
        operational("task", "text", "The scheduled task.", erase=KEEP, allowed=ids(SCHEDULE), fixed=True),
        operational(
            "mode",
            "text",
            "Mode of Stripe's key: test or live, each with a run of its own; none for a task without Stripe.",
            erase=KEEP,
            allowed=(NO_STRIPE, TEST, LIVE),
            fixed=True,
        ),
        operational(
            "status",
            "text",
            "State of the newest run.",
            erase=KEEP,
            default="'running'",
            allowed=("running", "done", "failed", "stopped"),
            starts=("running",),
            moves=(
                ("running", "done"),
                ("running", "failed"),
                ("running", "stopped"),
                ("done", "running"),
                ("failed", "running"),
                ("stopped", "running"),
            ),
        ),
        operational("worker", "text", "Name of the worker that began it, such as host:4711.", erase=KEEP, form=WORKER),
        operational("started_at", "timestamptz", "When the newest run began.", erase=KEEP, default="now()"),
        stamp("finished_at", "When a run last ended. Null before the first end.", erase=KEEP),
        stamp("succeeded_at", "When a run last ended without an error. Null before that.", erase=KEEP),
        operational(
            "error_class",
            "text",
            "Short code of the error of a failed run. Null for any other.",
            erase=KEEP,
            nullable=True,
            closed_by="error_is_a_code",
            needed_in=("failed",),
            only_in=("failed",),
        ),
        operational(
            "next_run_at",
            "timestamptz",
            "The next run does not begin before this time. While a run is on, the end of its lease.",
            erase=KEEP,
            default="now()",
            ahead=True,
        ),
        operational(
            "lease_token",
            "uuid",
            "Token of the run. Null unless it is on.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        stamp("lease_until", "When the lease ends. Null unless a run is on.", erase=KEEP, ahead=True),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "leased_while_running",
            "(status = 'running') = (lease_token is not null) and (lease_token is null) = (lease_until is null)",
            "A run has a lease exactly while it is on.",
        ),
        check(
            "error_is_a_code",
            "error_class is null or error_class ~ '^[a-z][a-z0-9_.]{0,39}$'",
            "The error is a short code, so it cannot quote a person.",
        ),
    ),
    indexes=(
        unique("scheduled_runs_once", "task", "mode", serves="Each task has one row in each mode, and one lease."),
    ),
    grants=(
        server(
            SELECT,
            why="The site's server reads what is due; only the schedule's functions write it.",
        ),
    ),
    source="product",
)
