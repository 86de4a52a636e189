"""Messages and their links."""

from lab.rules.functions.sending import (
    begin_send,
    delivery_address,
    delivery_gate,
    finish_send,
    keep_bounce,
    keep_delivery_link,
    read_delivery_link,
    use_delivery_link,
)
from lab.rules.roles import service_role
from lab.sql.reference.example import Earlier, Example, Topic, Varies
from lab.sql.reference.examples.answers import BEGUN, BOUNCED, FINISHED
from lab.sql.reference.sample import id_of

_OPEN = "select public.open_environment('production')"
_CLAIMED = (
    _OPEN,
    "select public.enqueue_delivery_job('email', '${ada}', artifact_id => '${pdf}')",
    "select public.claim_delivery_jobs('host:4711', 1, 30, '{email}')",
)
_HELD = "from public.delivery_jobs where subject_id = '${ada}' and channel = 'email' and status = 'running'"
_JOB = Earlier(shown=4202, query=f"select id {_HELD}")
_TOKEN = Earlier(shown="9e0d6a4b-27c1-4a55-9f0e-1b6c2e8d7a30", query=f"select lease_token {_HELD}")
_SHA256 = r"\x" + "5b41362bc82b7f3d56edc5a306db22105707d01ff4819e26faef9724a2d406c9"
_BEGUN = (
    *_CLAIMED,
    "select public.begin_send(j.id, j.lease_token, 'production', 'smtp', 'ada@shop.example',"
    f" '{_SHA256}', '0123456789ab')"
    " from public.delivery_jobs j where j.subject_id = '${ada}' and j.channel = 'email'",
)
_LINKED = (
    *_CLAIMED,
    "select public.keep_delivery_link(j.id, j.lease_token, 'open', sha256('4f0c2a7e91d3'), 86400)"
    " from public.delivery_jobs j where j.subject_id = '${ada}' and j.channel = 'email'",
)
_CLAIM = "Pass what `claim_delivery_jobs` returned."

SENDING = Topic(
    id="sending",
    title="Messages and their links",
    intro="`begin_send` judges whether a message may leave. Commit it, call the provider without an open transaction, "
    "and record the result with `finish_send`.",
    examples=(
        Example(
            function=delivery_gate,
            role=service_role,
            before=(_OPEN,),
            arguments={"environment": "production"},
            answer=[{"fault": None, "stopped": []}],
            step="An operator opens the environment once: `open_environment`.",
        ),
        Example(
            function=delivery_address,
            role=service_role,
            before=_CLAIMED,
            arguments={"job_id": _JOB, "lease_token": _TOKEN},
            answer="ada@shop.example",
            step=_CLAIM,
            nothing_because="the lease is lost, a consent is missing, or no address is confirmed",
        ),
        Example(
            function=begin_send,
            words=BEGUN,
            role=service_role,
            before=_CLAIMED,
            arguments={
                "job_id": _JOB,
                "lease_token": _TOKEN,
                "environment": "production",
                "provider": "smtp",
                "address": "ada@shop.example",
                "content_sha256": _SHA256,
                "rules_version": "0123456789ab",
            },
            answer="send",
            step=_CLAIM,
        ),
        Example(
            function=finish_send,
            words=FINISHED,
            role=service_role,
            before=_BEGUN,
            arguments={"job_id": _JOB, "lease_token": _TOKEN, "outcome": "sent"},
            answer="done",
            step="Call it after the provider has answered, or has not.",
        ),
        Example(
            function=keep_delivery_link,
            role=service_role,
            before=_CLAIMED,
            arguments={
                "job_id": _JOB,
                "lease_token": _TOKEN,
                "purpose": "open",
                "token_sha256": _SHA256,
                "valid_seconds": 86400,
            },
            answer=Varies(shown="2026-12-01T14:00:00+00:00"),
            step=_CLAIM,
            nothing_because="the lease is lost",
        ),
        Example(
            function=read_delivery_link,
            role=service_role,
            before=_LINKED,
            arguments={"token": "4f0c2a7e91d3"},
            answer=[{"purpose": "open", "channel": "email"}],
            step="Call it for a GET.",
            nothing_because="the link is unknown, has expired or was used",
        ),
        Example(
            function=use_delivery_link,
            role=service_role,
            nullable=("artifact_id", "purchase_id", "echo_entry_id"),
            before=_LINKED,
            arguments={"token": "4f0c2a7e91d3"},
            answer=[
                {
                    "purpose": "open",
                    "channel": "email",
                    "subject_id": id_of("ada"),
                    "artifact_id": id_of("pdf"),
                    "purchase_id": None,
                    "echo_entry_id": None,
                }
            ],
            step="Call it for a POST, after the person clicked the button.",
            nothing_because="the link is unknown, has expired or was used",
        ),
        Example(
            function=keep_bounce,
            words=BOUNCED,
            role=service_role,
            arguments={
                "message": "9c1185a5c5e9fc54612808977ee8f548b2258d31",
                "address": "nobody@shop.example",
                "reason": "hard_bounce",
                "provider_code": "5.1.1",
            },
            answer="not_ours",
        ),
    ),
)
