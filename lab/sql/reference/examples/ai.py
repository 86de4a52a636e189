"""The runs of the AI."""

from lab.rules.functions.ai import lease_ai_run, promote_ai_run, write_ai_run
from lab.rules.roles import ai_worker, service_role
from lab.sql.reference.example import Example, Topic, Varies
from lab.sql.reference.sample import id_of

_LEASE = "0f7d2c41b6a94e0a8d3f5c6e7b8a9d10"
_LEASED = (
    "update public.ai_runs set leases = 1, leased_at = now(), lease_until = now() + interval '10 minutes',"
    f" token_sha256 = sha256('{_LEASE}') where id = '${{run}}'"
)
_WRITTEN = (
    "update public.ai_runs set status = 'written', token_sha256 = null,"
    " output = '{\"reply\": \"Take the old road.\"}' where id = '${run}'"
)

AI = Topic(
    id="ai",
    title="The runs of the AI",
    intro="The server leases a run and passes its token to the process that calls the AI. That process reads one brief "
    "(`ai.briefs`) and writes once.",
    examples=(
        Example(
            function=lease_ai_run,
            role=service_role,
            arguments={"run_id": id_of("run"), "lease_seconds": 600},
            answer=Varies(shown=_LEASE),
        ),
        Example(
            function=write_ai_run,
            role=ai_worker,
            before=(_LEASED,),
            arguments={"token": _LEASE, "output": {"reply": "Take the old road."}},
            answer=True,
            step="Pass the token that `lease_ai_run` returned.",
        ),
        Example(
            function=promote_ai_run,
            role=service_role,
            before=(_LEASED, _WRITTEN),
            arguments={"run_id": id_of("run")},
            answer={"reply": "Take the old road."},
        ),
    ),
)
