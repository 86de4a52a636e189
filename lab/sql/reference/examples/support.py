"""What support decides."""

from lab.rules.functions.payments import decide_review, dismiss_stripe_event, replay_stripe_event
from lab.rules.functions.queue import park_delivery_job, retry_delivery_job
from lab.rules.functions.sending import cancel_delivery_job, decide_send, open_environment, switch_deliveries
from lab.rules.roles import service_role
from lab.sql.reference.example import Earlier, Example, Topic
from lab.sql.reference.sample import id_of

_QUEUED = "select public.enqueue_delivery_job('pdf', '${ada}', artifact_id => '${pdf}')"
_OURS = "from public.delivery_jobs where subject_id = '${ada}' and channel = 'pdf'"
_JOB = Earlier(shown=4201, query=f"select id {_OURS}")
_PARKED = f"select public.park_delivery_job(id, 'asked_by_person') {_OURS}"
_WAITS = (
    "select public.claim_stripe_events('host:4711', false)",
    "select public.finish_stripe_event(id, lease_token, 'needs_review', 'order.unknown') from public.stripe_events"
    " where id = 'evt_referenceWaiting'",
)
_SENT = (
    "select public.open_environment('production')",
    "select public.enqueue_delivery_job('email', '${ada}', artifact_id => '${pdf}')",
    "select public.claim_delivery_jobs('host:4711', 1, 30, '{email}')",
    "select public.begin_send(id, lease_token, 'production', 'smtp', 'ada@shop.example', sha256('m'), '0123456789ab')"
    " from public.delivery_jobs where subject_id = '${ada}' and channel = 'email'",
    "select public.finish_send(id, lease_token, 'uncertain', null, 'smtp.no_answer')"
    " from public.delivery_jobs where subject_id = '${ada}' and channel = 'email'",
)
_MAIL = Earlier(
    shown=4202, query="select id from public.delivery_jobs where subject_id = '${ada}' and channel = 'email'"
)

SUPPORT = Topic(
    id="support",
    title="What support decides",
    intro="Operators and the site's server call the same functions. Each writes a line of the audit trail, and a "
    "second call changes nothing.",
    examples=(
        Example(
            function=decide_review,
            role=service_role,
            arguments={"review_id": id_of("review"), "decision": "unlock"},
            answer=True,
        ),
        Example(
            function=replay_stripe_event,
            role=service_role,
            before=_WAITS,
            arguments={"event_id": "evt_referenceWaiting"},
            answer=True,
        ),
        Example(
            function=dismiss_stripe_event,
            role=service_role,
            before=_WAITS,
            arguments={"event_id": "evt_referenceWaiting"},
            answer=True,
        ),
        Example(
            function=park_delivery_job,
            words={"parked": "It is out of the queue."},
            role=service_role,
            before=(_QUEUED,),
            arguments={"job_id": _JOB, "reason_code": "asked_by_person"},
            answer="parked",
        ),
        Example(
            function=retry_delivery_job,
            words={"pending": "It is in the queue again."},
            role=service_role,
            before=(_QUEUED, _PARKED),
            arguments={"job_id": _JOB, "reason_code": "cause_solved"},
            answer="pending",
        ),
        Example(
            function=cancel_delivery_job,
            role=service_role,
            before=(_QUEUED,),
            arguments={"job_id": _JOB, "reason_code": "asked_by_person"},
            answer=True,
        ),
        Example(
            function=decide_send,
            role=service_role,
            before=_SENT,
            arguments={"job_id": _MAIL, "decision": "arrived"},
            answer=True,
        ),
        Example(
            function=switch_deliveries,
            role=service_role,
            arguments={"channel": "gift", "stopped": True},
            answer=True,
        ),
        Example(
            function=open_environment,
            role=service_role,
            arguments={"environment": "production"},
            answer=True,
        ),
    ),
)
