"""Export, deletion and anonymization."""

from lab.rules.functions.erasure import erase_subject, finish_storage_deletion
from lab.rules.functions.people import request_privacy
from lab.rules.roles import authenticated, service_role
from lab.sql.reference.example import Example, Topic, Value, Varies
from lab.sql.reference.examples.answers import ERASED
from lab.sql.reference.sample import id_of

_BEGUN: list[Value] = [
    {"table_name": "privacy_requests", "affected": 0, "state": "waiting", "reason": "older_transactions"}
]

PRIVACY = Topic(
    id="privacy",
    title="Export, deletion and anonymization",
    intro="A person asks, an operator verifies, and the server carries it out in steps that can be called again.",
    examples=(
        Example(
            function=request_privacy,
            role=authenticated,
            arguments={"kind": "export"},
            answer=Varies(shown="3b9c0a53-0f5e-4f0f-8b8e-6a7f1d2c3e44"),
        ),
        Example(
            function=erase_subject,
            words=ERASED,
            words_in="state",
            role=service_role,
            arguments={"privacy_request_id": id_of("deletion")},
            answer=Varies(shown=_BEGUN),
            nullable=("reason",),
            step="The request is verified and running. Call it in a transaction of its own, until the state is `done`.",
        ),
        Example(
            function=finish_storage_deletion,
            role=service_role,
            arguments={"deletion_id": id_of("file")},
            answer=True,
            step="Delete the file of the row in `storage_deletions` first.",
        ),
    ),
)
