"""Scheduled tasks, ledgers and the audit trail."""

from lab.rules.functions.decisions import settle_consents
from lab.rules.functions.schedule import begin_scheduled_run, finish_scheduled_run
from lab.rules.functions.server import record_audit_event, seal_ledgers, verify_ledger
from lab.rules.roles import service_role
from lab.sql.reference.example import Earlier, Example, Topic, Varies
from lab.sql.reference.sample import id_of

_LEASE = "71b5e7ce-61f0-4d60-a2a3-0c7f5f0f9d55"

OPERATIONS = Topic(
    id="operations",
    title="Scheduled tasks, ledgers and the audit trail",
    intro="The product's own worker calls these on its schedule. A site with a worker of its own calls them too.",
    examples=(
        Example(
            function=begin_scheduled_run,
            role=service_role,
            arguments={"task": "seal_ledgers", "worker": "host:4711"},
            answer=Varies(shown=_LEASE),
            nothing_because="the task is not due, or another worker runs it",
        ),
        Example(
            function=finish_scheduled_run,
            role=service_role,
            before=("select public.begin_scheduled_run('seal_ledgers', 'host:4711')",),
            arguments={
                "task": "seal_ledgers",
                "lease_token": Earlier(
                    shown=_LEASE, query="select lease_token from public.scheduled_runs where task = 'seal_ledgers'"
                ),
                "outcome": "done",
            },
            answer=True,
            step="Pass the token that `begin_scheduled_run` returned.",
        ),
        Example(function=settle_consents, role=service_role, arguments={"most": 1000}, answer=Varies(shown=0)),
        Example(
            function=seal_ledgers,
            role=service_role,
            arguments={"most": 10000},
            answer=[
                {"ledger": "consent_events", "sealed": Varies(shown=5), "head": Varies(shown=r"\x8c11d0…")},
                {"ledger": "admin_audit_events", "sealed": Varies(shown=7), "head": Varies(shown=r"\x02f9ab…")},
            ],
        ),
        Example(
            function=verify_ledger,
            role=service_role,
            arguments={"ledger": "consent_events", "latest": 1000},
            answer=[
                {
                    "intact": True,
                    "checked": Varies(shown=5),
                    "unsealed": Varies(shown=0),
                    "broken_row": None,
                    "problem": None,
                }
            ],
        ),
        Example(
            function=record_audit_event,
            role=service_role,
            arguments={
                "actor_kind": "server",
                "action": "export.handed_out",
                "object_table": "privacy_requests",
                "object_id": id_of("deletion"),
                "details": {"files": 3},
            },
            answer=Varies(shown=502),
        ),
    ),
)
