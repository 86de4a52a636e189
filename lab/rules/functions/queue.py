"""The functions of the delivery queue."""

from lab.rules.function_constructors import argument, inner_function
from lab.rules.model import Function
from lab.rules.roles import oracle_operator, service_role

end_attempt = Function(
    id="end_attempt",
    db_schema="wall",
    arguments=(
        argument("job_id", "bigint", "Id of a running job."),
        argument("lease_token", "uuid", "Token from the claim; null for an expired lease."),
        argument("outcome", "text", "Result of the attempt."),
        argument("error_class", "text", "Short code of the error, or null."),
        argument("retry_after_seconds", "integer", "Minimum pause in seconds before the next attempt, or null."),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(),
    why="Ends an attempt that did not succeed: plans another one, or makes the job a dead letter or cancels it.",
)

_job = argument("job_id", "bigint", "Id of the job.")

_token = argument("lease_token", "uuid", "Token from the claim; an older token has no effect.")

enqueue_delivery_job = Function(
    id="enqueue_delivery_job",
    db_schema="public",
    arguments=(
        argument("channel", "text", "Delivery channel."),
        argument("subject_id", "uuid", "The person whose delivery it is."),
        argument("artifact_id", "uuid", "The artifact, or null.", "null"),
        argument("purchase_id", "uuid", "The purchase, or null.", "null"),
        argument("echo_entry_id", "uuid", "The Echo, or null.", "null"),
        argument(
            "generation", "integer", "0, or a higher number when support sends the same delivery again on purpose.", "0"
        ),
        argument("run_at", "timestamptz", "The delivery does not start before this time.", "now()"),
    ),
    returns="table(job_id bigint, leg text, status text, made boolean)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Queues a delivery once, with one job for each leg, and returns each job's state. A job that existed is not made again: made is false. Call it in the transaction that creates what is delivered.",
)

_claimed = (
    argument("worker", "text", "Name of the worker, such as host:4711."),
    argument("most", "integer", "Maximum number of jobs.", "10"),
    argument("lease_seconds", "integer", "Length of the lease in seconds.", "30"),
    argument("channels", "text[]", "Channels to claim; null for all.", "null"),
)

_JOB_ROW = (
    "job_id bigint, channel text, leg text, subject_id uuid, artifact_id uuid, purchase_id uuid, "
    "echo_entry_id uuid, attempts smallint, idempotency_key text, lease_token uuid"
)

claim_delivery_jobs = Function(
    id="claim_delivery_jobs",
    db_schema="public",
    arguments=(
        *_claimed,
        argument("after_job", "bigint", "A finished job: only jobs behind it are claimed. Null for all.", "null"),
    ),
    returns=f"table({_JOB_ROW})",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Leases due jobs to one worker for a limited time.",
)

extend_delivery_leases = Function(
    id="extend_delivery_leases",
    db_schema="public",
    arguments=(
        argument("job_ids", "bigint[]", "Ids of the claim's jobs that are not finished, at most 1000."),
        _token,
        argument("lease_seconds", "integer", "New length of the lease from now, in seconds.", "30"),
    ),
    returns="setof bigint",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Extends the leases of a worker's jobs, and returns the ids of those it still holds. A job whose id is not returned was lost, or a consent of it was withdrawn: stop working on it.",
)

complete_delivery_jobs = Function(
    id="complete_delivery_jobs",
    db_schema="public",
    arguments=(argument("job_ids", "bigint[]", "Ids of jobs, at most 1000."), _token),
    returns="setof bigint",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Marks jobs as done and returns their ids. A job whose id is not returned was lost.",
)

continue_delivery_jobs = Function(
    id="continue_delivery_jobs",
    db_schema="public",
    arguments=(
        argument("done_ids", "bigint[]", "Ids of the jobs that are done, in the order of their claim; may be empty."),
        argument("done_token", "uuid", "Token from their claim, or null."),
        *_claimed,
    ),
    returns=f"table(completed boolean, {_JOB_ROW})",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Marks a worker's jobs as done and leases it the next ones, in one commit. Rows with completed are the former, of which only the id is returned; the others are claimed.",
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
    why="Marks a job as done. Returns false if its lease was lost.",
)

fail_delivery_job = Function(
    id="fail_delivery_job",
    db_schema="public",
    arguments=(
        _job,
        _token,
        argument("error_class", "text", "Short code of the error, never the provider's text."),
        argument("permanent", "boolean", "True when another attempt cannot succeed.", "false"),
        argument("retry_after_seconds", "integer", "Pause that the provider asked for, in seconds.", "null"),
    ),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Records a failed attempt: plans the next one after a growing random pause, or makes the job a dead letter.",
)

release_delivery_job = Function(
    id="release_delivery_job",
    db_schema="public",
    arguments=(
        _job,
        _token,
        argument("pause_seconds", "integer", "It does not start again before so many seconds.", "0"),
    ),
    returns="boolean",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Returns an unstarted job to the queue, for a worker that stops or may not send now. The attempt does not count.",
)

reap_delivery_leases = Function(
    id="reap_delivery_leases",
    db_schema="public",
    arguments=(argument("most", "integer", "Maximum number of jobs to recover.", "100"),),
    returns="integer",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Recovers the jobs of stopped workers. A job that was recovered too often becomes a dead letter.",
)

kept_days = inner_function(
    "kept_days",
    "integer",
    "Returns after how many days an ended job goes.",
    volatility="immutable",
    derived=True,
)

job_may_go = inner_function(
    "job_may_go",
    "boolean",
    "Tells whether a job is pruned: it ended long ago, none of its messages left, and nothing about its person is open.",
    _job,
)

prune_deliveries = Function(
    id="prune_deliveries",
    db_schema="public",
    arguments=(
        argument("most", "integer", "So many jobs are looked at, at most 1000.", "500"),
        argument("after_time", "timestamptz", "The end of the last job that was looked at; null to begin.", "null"),
        argument("after_job", "bigint", "That job; null to begin.", "null"),
    ),
    returns="table(pruned integer, reached_time timestamptz, reached_job bigint)",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role,),
    why="Takes away jobs that ended long ago, with their attempts, and keeps their keys. Returns how far it looked; null at the end.",
)

retry_delivery_job = Function(
    id="retry_delivery_job",
    db_schema="public",
    arguments=(_job, argument("reason_code", "text", "Reason as a short code.")),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Puts a dead or parked job back into the queue, for support. Its consents are checked again.",
)

park_delivery_job = Function(
    id="park_delivery_job",
    db_schema="public",
    arguments=(_job, argument("reason_code", "text", "Reason as a short code.")),
    returns="text",
    language="plpgsql",
    volatility="volatile",
    definer=True,
    execute=(service_role, oracle_operator),
    why="Takes a job out of the queue, for support, until somebody has looked into it.",
)

QUEUE = (
    end_attempt,
    enqueue_delivery_job,
    claim_delivery_jobs,
    extend_delivery_leases,
    complete_delivery_jobs,
    continue_delivery_jobs,
    complete_delivery_job,
    fail_delivery_job,
    release_delivery_job,
    reap_delivery_leases,
    kept_days,
    job_may_go,
    prune_deliveries,
    retry_delivery_job,
    park_delivery_job,
)
