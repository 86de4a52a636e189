"""The delivery queue."""

from typing import Any

from lab.rules.functions.queue import (
    claim_delivery_jobs,
    complete_delivery_job,
    complete_delivery_jobs,
    continue_delivery_jobs,
    enqueue_delivery_job,
    extend_delivery_leases,
    fail_delivery_job,
    prune_deliveries,
    reap_delivery_leases,
    release_delivery_job,
)
from lab.rules.functions.server import list_withdrawn_files
from lab.rules.roles import service_role
from lab.sql.reference.example import Earlier, Example, Topic, Varies
from lab.sql.reference.examples.answers import FAILED
from lab.sql.reference.sample import id_of

_JOB = Varies(shown=4201)
_TOKEN = Varies(shown="c2d7d3a2-6a35-4c8b-b6a0-5d0a6f5b9e21")
_QUEUED = "select public.enqueue_delivery_job('pdf', '${ada}', artifact_id => '${pdf}')"
CLAIMED = (_QUEUED, "select public.claim_delivery_jobs('host:4711', 1)")
_HELD = "from public.delivery_jobs where subject_id = '${ada}' and status = 'running'"
JOB = Earlier(shown=4201, query=f"select id {_HELD}")
JOBS = Earlier(shown=[4201], query=f"select array_agg(id) {_HELD}")
TOKEN = Earlier(shown=_TOKEN.shown, query=f"select lease_token {_HELD} limit 1")
_CLAIM = "Pass what `claim_delivery_jobs` returned."


def _row(**more: Any) -> dict[str, Any]:
    """Return a claimed job, as the queue returns it."""
    claimed = {"job_id": _JOB, "channel": "pdf", "leg": "account", "subject_id": id_of("ada")}
    claimed |= {"artifact_id": id_of("pdf"), "purchase_id": None, "echo_entry_id": None, "attempts": 1}
    return more | claimed | {"idempotency_key": Varies(shown="pdf:account:9f2c…:0"), "lease_token": _TOKEN}


DELIVERIES = Topic(
    id="deliveries",
    title="The delivery queue",
    intro="The site queues a delivery in the transaction that creates it. Workers lease jobs for a limited "
    "time, and an older token changes nothing.",
    examples=(
        Example(
            function=enqueue_delivery_job,
            role=service_role,
            arguments={"channel": "pdf", "subject_id": id_of("ada"), "artifact_id": id_of("pdf")},
            answer=[{"job_id": _JOB, "leg": "account", "status": "pending", "made": True}],
        ),
        Example(
            function=claim_delivery_jobs,
            role=service_role,
            nullable=("artifact_id", "purchase_id", "echo_entry_id"),
            before=(_QUEUED,),
            arguments={"worker": "host:4711", "most": 1, "lease_seconds": 60, "channels": ["pdf"]},
            answer=[_row()],
            nothing_because="no job is due",
        ),
        Example(
            function=extend_delivery_leases,
            role=service_role,
            before=CLAIMED,
            arguments={"job_ids": JOBS, "lease_token": TOKEN, "lease_seconds": 60},
            answer=[_JOB],
            step=_CLAIM,
            nothing_because="every lease was lost",
        ),
        Example(
            function=complete_delivery_job,
            role=service_role,
            before=CLAIMED,
            arguments={"job_id": JOB, "lease_token": TOKEN},
            answer=True,
            step=_CLAIM,
        ),
        Example(
            function=complete_delivery_jobs,
            role=service_role,
            before=CLAIMED,
            arguments={"job_ids": JOBS, "lease_token": TOKEN},
            answer=[_JOB],
            step=_CLAIM,
            nothing_because="every lease was lost",
        ),
        Example(
            function=continue_delivery_jobs,
            role=service_role,
            before=(*CLAIMED, "select public.enqueue_delivery_job('receipt', '${ada}', purchase_id => '${purchase}')"),
            arguments={"done_ids": JOBS, "done_token": TOKEN, "worker": "host:4711", "most": 1, "channels": ["pdf"]},
            answer=[
                {
                    "completed": True,
                    "job_id": _JOB,
                    "channel": None,
                    "leg": None,
                    "subject_id": None,
                    "artifact_id": None,
                }
                | {"purchase_id": None, "echo_entry_id": None, "attempts": None, "idempotency_key": None}
                | {"lease_token": None}
            ],
            step=_CLAIM,
            nothing_because="no job was completed and none is due",
        ),
        Example(
            function=fail_delivery_job,
            words=FAILED,
            role=service_role,
            before=CLAIMED,
            arguments={"job_id": JOB, "lease_token": TOKEN, "error_class": "render.failed", "retry_after_seconds": 60},
            answer="pending",
            step=_CLAIM,
        ),
        Example(
            function=release_delivery_job,
            role=service_role,
            before=CLAIMED,
            arguments={"job_id": JOB, "lease_token": TOKEN, "pause_seconds": 30},
            answer=True,
            step=_CLAIM,
        ),
        Example(function=reap_delivery_leases, role=service_role, arguments={"most": 100}, answer=0),
        Example(
            function=prune_deliveries,
            role=service_role,
            arguments={"most": 500},
            answer=[{"pruned": 0, "reached_time": None, "reached_job": None}],
            step="Call it again with what it returned, until both are null.",
        ),
        Example(function=list_withdrawn_files, role=service_role, arguments={"most": 100}, answer=0),
    ),
)
