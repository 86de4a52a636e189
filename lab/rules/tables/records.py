"""What stays of a job that was pruned: its key and its end."""

from lab.rules.constructors import (
    ROW,
    SELECT,
    before,
    check,
    created,
    index,
    operational,
    server,
    subject,
    unique,
)
from lab.rules.functions.triggers import guard_delivery_record, refuse_change
from lab.rules.model import Table

delivery_records = Table(
    id="delivery_records",
    title="Delivery records",
    description="The keys and ends of jobs that were pruned, so that the same delivery is never queued once more.",
    loss="A repeated request would deliver once more what was delivered or cancelled years ago.",
    columns=(
        operational("id", "bigint", "Number of the pruned job.", erase=ROW),
        operational(
            "idempotency_key",
            "text",
            "The job's key; set by the database.",
            erase=ROW,
            closed_by="key_is_opaque",
        ),
        subject("The person that the job belonged to; set by the database.", erase=ROW),
        operational(
            "status",
            "text",
            "How the job ended; set by the database.",
            erase=ROW,
            allowed=("done", "cancelled"),
        ),
        operational("finished_at", "timestamptz", "When the job ended; set by the database.", erase=ROW),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "key_is_opaque",
            "octet_length(idempotency_key) <= 68 and idempotency_key ~ '^[a-z_]+:[a-z]+:[0-9a-f-]+:[0-9]+$'",
            "The key is made of codes and ids or digests, so it holds no personal data.",
        ),
    ),
    indexes=(
        unique("delivery_records_key", "idempotency_key", serves="Finds out whether a delivery was made long ago."),
        index("delivery_records_subject", "subject_id", serves="Finds a person's records when they are erased."),
    ),
    grants=(server(SELECT, why="The site's server reads what was pruned; only prune_deliveries writes it."),),
    triggers=(
        before(
            "delivery_records_rest_on_jobs",
            "insert",
            guard_delivery_record,
            "Only a job that may go gets a record, for every role.",
        ),
        before("delivery_records_keep", "update", refuse_change, "A record never changes."),
    ),
    quotes_no_text="Only prune_deliveries writes it, from a job's own columns.",
    source="product; GDPR article 5(1)(e)",
)
