"""The attempts at deliveries that did not deliver."""

from lab.rules.constructors import (
    ROW,
    SELECT,
    before,
    check,
    created,
    index,
    number,
    operational,
    ref,
    server,
)
from lab.rules.forms import WORKER_BYTES, WORKER_SIGNS
from lab.rules.functions.triggers import refuse_change
from lab.rules.model import Table
from lab.rules.tables.delivery import delivery_jobs

delivery_attempts = Table(
    id="delivery_attempts",
    title="Delivery attempts",
    description="The attempts that did not deliver: one row each, with its result. The one that did is kept in its job.",
    loss="Support could see that a delivery failed, but not how often, when or why.",
    columns=(
        number(erase=ROW),
        ref("job_id", delivery_jobs, "The job that was attempted.", erase=ROW, on_delete="cascade"),
        operational("attempt", "smallint", "Number of the attempt.", erase=ROW),
        operational(
            "outcome",
            "text",
            "Result of the attempt.",
            erase=ROW,
            allowed=(
                "transient",
                "permanent",
                "released",
                "lease_expired",
                "cancelled",
                "withheld",
                "uncertain",
            ),
        ),
        operational(
            "error_class",
            "text",
            "Short code of the error. Null when there was none.",
            erase=ROW,
            nullable=True,
            closed_by="error_is_a_code",
        ),
        operational(
            "worker",
            "text",
            "Name of the worker, such as host:4711. Null when it is unknown.",
            erase=ROW,
            nullable=True,
            closed_by="worker_is_a_name",
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "error_is_a_code",
            "error_class is null or error_class ~ '^[a-z][a-z0-9_.]{0,39}$'",
            "The error is a short code, so it cannot quote a person.",
        ),
        check(
            "worker_is_a_name",
            f"octet_length(worker) <= {WORKER_BYTES} and worker ~ '{WORKER_SIGNS}'",
            "The name of a worker is a host and numbers, so it holds no sentence or address.",
        ),
    ),
    indexes=(index("delivery_attempts_job", "job_id", "attempt", serves="Finds the attempts of a job, in order."),),
    grants=(server(SELECT, why="The site's server reads the history; only the queue's functions write it."),),
    triggers=(before("delivery_attempts_keep", "update", refuse_change, "A recorded attempt never changes."),),
    quotes_no_text="Only the queue's functions write it, from checked ids and codes.",
    source="product",
)
