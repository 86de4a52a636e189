"""The doors of the delivery queue."""

from lab.rules.model import Function
from lab.rules.roles import oracle_operator, service_role
from lab.rules.words import argument

end_attempt = Function(
    id="end_attempt",
    db_schema="wall",
    arguments=(
        argument("job_id", "bigint", "Number of a running job."),
        argument("lease_token", "uuid", "Token from the claim; null for a lease that has run out."),
        argument("outcome", "text", "What came of the attempt."),
        argument("error_class", "text", "Short code of what went wrong, or null."),
        argument("retry_after_seconds", "integer", "Least pause before the next attempt, or null."),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="One place decides what follows an attempt that did not succeed: another one, a dead letter, or the end.",
)

_job = argument("job_id", "bigint", "Number of the job.")

_token = argument("lease_token", "uuid", "Token from the claim; an old one changes nothing.")

enqueue_delivery_job = Function(
    id="enqueue_delivery_job",
    db_schema="public",
    arguments=(
        argument("channel", "text", "Which job."),
        argument("subject_id", "uuid", "Whose delivery it is."),
        argument("artifact_id", "uuid", "The artifact, if any.", "null"),
        argument("purchase_id", "uuid", "The purchase, if any.", "null"),
        argument("echo_entry_id", "uuid", "The Echo, if any.", "null"),
        argument("generation", "integer", "Raised only when support sends again on purpose.", "0"),
        argument("run_at", "timestamptz", "Not before this moment.", "now()"),
    ),
    returns="setof bigint",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Queues a delivery once, in the transaction of what it delivers; one job for each leg.",
)

claim_delivery_jobs = Function(
    id="claim_delivery_jobs",
    db_schema="public",
    arguments=(
        argument("worker", "text", "Name of the worker, for people."),
        argument("most", "integer", "Most jobs to take.", "10"),
        argument("lease_seconds", "integer", "How long they are the worker's, in seconds.", "30"),
        argument("channels", "text[]", "Only these channels; null for all.", "null"),
    ),
    returns=(
        "table(job_id bigint, channel text, leg text, subject_id uuid, artifact_id uuid, purchase_id uuid, "
        "echo_entry_id uuid, attempts smallint, idempotency_key text, lease_token uuid)"
    ),
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Hands out due jobs, each to one worker, for a limited time.",
)

extend_delivery_leases = Function(
    id="extend_delivery_leases",
    db_schema="public",
    arguments=(_token, argument("lease_seconds", "integer", "New length from now, in seconds.", "30")),
    returns="setof bigint",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="A slow job stays with its worker as long as the worker is alive; a missing number means: stop.",
)

may_send_delivery_job = Function(
    id="may_send_delivery_job",
    db_schema="public",
    arguments=(_job, _token),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Checked right before sending: whether the lease is valid and every consent is given at this moment.",
)

complete_delivery_job = Function(
    id="complete_delivery_job",
    db_schema="public",
    arguments=(_job, _token),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Marks a delivery as done; false when the lease had passed to somebody else.",
)

fail_delivery_job = Function(
    id="fail_delivery_job",
    db_schema="public",
    arguments=(
        _job,
        _token,
        argument("error_class", "text", "Short code of what went wrong; never the provider's text."),
        argument("permanent", "boolean", "True when trying again cannot help.", "false"),
        argument("retry_after_seconds", "integer", "The provider's own wish, in seconds.", "null"),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Plans the next attempt with growing, random pauses, or moves the job to the dead letters.",
)

release_delivery_job = Function(
    id="release_delivery_job",
    db_schema="public",
    arguments=(_job, _token),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="A worker that stops gives an unstarted job back at once, and the attempt does not count.",
)

reap_delivery_leases = Function(
    id="reap_delivery_leases",
    db_schema="public",
    arguments=(argument("most", "integer", "Most jobs to recover in one call.", "100"),),
    returns="integer",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Recovers the jobs of workers that died; one that keeps killing its worker ends as a dead letter.",
)

retry_delivery_job = Function(
    id="retry_delivery_job",
    db_schema="public",
    arguments=(_job, argument("reason_code", "text", "Why, as a short code.")),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Support puts a dead or parked job back into the queue; the consents are asked again.",
)

park_delivery_job = Function(
    id="park_delivery_job",
    db_schema="public",
    arguments=(_job, argument("reason_code", "text", "Why, as a short code.")),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Support takes a job out of the queue until somebody has looked into it.",
)

QUEUE = (
    end_attempt,
    enqueue_delivery_job,
    claim_delivery_jobs,
    extend_delivery_leases,
    may_send_delivery_job,
    complete_delivery_job,
    fail_delivery_job,
    release_delivery_job,
    reap_delivery_leases,
    retry_delivery_job,
    park_delivery_job,
)
