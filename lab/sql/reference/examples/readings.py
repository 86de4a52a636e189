"""Readings and the Passport."""

from lab.rules.functions.people import verify_passport_record
from lab.rules.functions.server import seal_passport_record, seal_scroll
from lab.rules.roles import authenticated, service_role
from lab.sql.reference.example import Example, Topic, Varies
from lab.sql.reference.sample import id_of

_SEAL = Varies(shown=r"\x3f5ac1…")

READINGS = Topic(
    id="readings",
    title="Readings and the Passport",
    intro="A sealed row never changes. The seal is the SHA-256 of its content.",
    examples=(
        Example(
            function=seal_scroll,
            role=service_role,
            arguments={"scroll_id": id_of("new_scroll")},
            answer=_SEAL,
            nothing_because="there is no such reading",
        ),
        Example(
            function=seal_passport_record,
            role=service_role,
            arguments={"record_id": id_of("passport_record")},
            answer=_SEAL,
            step="Seal the reading before: `seal_scroll`.",
        ),
        Example(
            function=verify_passport_record,
            role=authenticated,
            before=("select public.seal_passport_record('${passport_record}')",),
            arguments={"record_id": id_of("passport_record")},
            answer=True,
        ),
    ),
)
