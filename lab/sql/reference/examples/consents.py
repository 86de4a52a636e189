"""Consents, share-cards and gifts."""

from lab.rules.functions.people import accept_gift, give_consent, open_share_card, record_consent, withdraw_consent
from lab.rules.functions.sending import count_passed
from lab.rules.roles import anon, authenticated, service_role
from lab.sql.reference.example import Earlier, Example, Topic, Varies
from lab.sql.reference.sample import id_of

_ENTRY = Varies(shown=118)

CONSENTS = Topic(
    id="consents",
    title="Consents, share-cards and gifts",
    intro="A person gives and withdraws a consent for one purpose. The ledger is append-only. Its newest entry "
    "decides.",
    examples=(
        Example(
            function=give_consent,
            role=authenticated,
            arguments={
                "purpose": "public_share",
                "notice_id": id_of("notice_of_share"),
                "request_id": id_of("a request"),
                "scope_id": id_of("share_card"),
                "evidence": {"page": "/reading/share"},
            },
            answer=_ENTRY,
            step="Show the person the wording, a row of `consent_notices`, and pass its id.",
        ),
        Example(
            function=withdraw_consent,
            role=authenticated,
            arguments={"purpose": "email_delivery", "request_id": id_of("a withdrawal")},
            answer=_ENTRY,
        ),
        Example(
            function=record_consent,
            role=service_role,
            arguments={
                "subject_id": id_of("ada"),
                "purpose": "email_delivery",
                "action": "given",
                "request_id": id_of("another request"),
                "notice_id": id_of("notice_of_email"),
                "evidence": {"surface": "checkout"},
            },
            answer=_ENTRY,
            step="The server calls it for a visitor whose session it has verified.",
        ),
        Example(
            function=count_passed,
            role=authenticated,
            before=("select public.record_consent('${ada}', 'email_delivery', 'withdrawn', gen_random_uuid())",),
            arguments={
                "entry_id": Earlier(
                    shown=119,
                    query="select max(id) from public.consent_events where action = 'withdrawn'",
                )
            },
            answer=[{"sent": 0, "uncertain": 0}],
            step="Pass what `withdraw_consent` returned.",
        ),
        Example(
            function=open_share_card,
            role=anon,
            arguments={"slug": "7f3a9c52e1b84d06a5c7f3a9c52e1b84"},
            answer=[
                {
                    "title": "The Tower",
                    "symbol": "tower",
                    "palette": "dusk",
                    "one_line": "Something falls, and light comes in.",
                }
            ],
            nothing_because="the card is unknown, closed or withdrawn",
        ),
        Example(
            function=accept_gift,
            role=authenticated,
            person="ben",
            arguments={"token": "5d1e0b7a94c34f2e8d6b"},
            answer=id_of("gift"),
            step="The recipient signs in and opens the link of the invitation.",
        ),
    ),
)
