"""Gifts: whom a reading was given to, and how they were invited."""

from lab.rules.consents import gift_recipient
from lab.rules.functions.triggers import (
    bind_gift,
    guard_gift,
    require_consent,
    require_consent_at_commit,
)
from lab.rules.model import Table
from lab.rules.tables.consent import consent_events
from lab.rules.tables.readings import oracle_artifacts
from lab.rules.words import (
    INSERT,
    ROW,
    SELECT,
    UPDATE,
    at_commit,
    before,
    check,
    created,
    index,
    key,
    operational,
    owner_reads,
    owner_select,
    personal,
    ref,
    server,
    shared,
    stamp,
    subject,
    unique,
)

_KEPT_BY_RECIPIENT = shared(
    "t.accepted_subject_id <> person and not wall.erased(t.accepted_subject_id)",
    "The recipient keeps what they accepted; who gave it is forgotten, and so is how they were invited.",
    subject_id="null",
    contact="null",
    recipient_name="null",
)

_KEPT_BY_GIVER = shared(
    "t.subject_id <> person",
    "The giver keeps the record of their gift, without the recipient's account, name and address.",
    accepted_subject_id="null",
    contact="null",
    recipient_name="null",
)

# An invitation that somebody else wrote to the erased person's address.
_ADDRESS_GOES = (
    ("contact", "null"),
    ("recipient_name", "null"),
    ("withdrawn_at", "case when t.accepted_at is null then coalesce(t.withdrawn_at, now()) else t.withdrawn_at end"),
)

gift_recipients = Table(
    id="gift_recipients",
    title="Gift recipients",
    description="The person a gift is meant for, kept apart from the gift: address, acceptance and expiry.",
    loss="A gift would keep an address forever, and it would be unknown whether the recipient wanted it.",
    columns=(
        key(erase=ROW),
        subject(
            "The person who gives; empty once they are erased and the recipient keeps the gift.",
            erase=ROW,
            nullable=True,
            fixed=True,
            shared=_KEPT_BY_RECIPIENT,
        ),
        ref("artifact_id", oracle_artifacts, "The gift.", erase=ROW, fixed=True),
        ref(
            "consent_event_id",
            consent_events,
            "The entry of the ledger that allowed this invitation, and no other.",
            erase=ROW,
            own_by="bind_gift sets it to the giver's newest entry, whatever was sent.",
            fixed=True,
            internal=True,
        ),
        personal(
            "contact",
            "text",
            "The recipient's e-mail address, for this one invitation; blank once it is taken back, or they are erased.",
            erase=ROW,
            nullable=True,
            by_address=_ADDRESS_GOES,
        ),
        personal("recipient_name", "text", "How the invitation addresses them.", erase=ROW, nullable=True),
        operational(
            "token_sha256",
            "bytea",
            "Hash of the invitation's one-time token; the token itself is not kept.",
            erase=ROW,
            fixed=True,
            internal=True,
        ),
        subject(
            "The recipient's own account, once they have accepted.",
            name="accepted_subject_id",
            erase=ROW,
            nullable=True,
            shared=_KEPT_BY_GIVER,
        ),
        stamp("accepted_at", "When the recipient accepted.", erase=ROW),
        stamp("withdrawn_at", "When the giver took the invitation back.", erase=ROW),
        operational(
            "expires_at",
            "timestamptz",
            "After this the invitation is invalid and its address must be deleted.",
            erase=ROW,
            default="now() + interval '30 days'",
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "giver_or_acceptance",
            "subject_id is not null or accepted_subject_id is not null",
            "An invitation belongs to its giver, and an accepted gift to its recipient.",
        ),
        check(
            "contact_is_an_address",
            "contact is null or contact ~ '^[^@\\s]+@[^@\\s]+$' and char_length(contact) <= 320",
            "It must look like an e-mail address.",
        ),
        check("token_is_sha256", "octet_length(token_sha256) = 32", "SHA-256 has 32 bytes."),
        check("expires_later", "expires_at > created_at", "An invitation lasts for a while."),
        check(
            "expires_in_time",
            "expires_at <= created_at + interval '90 days'",
            "An invitation expires after 90 days at the latest, so that its address is not kept for longer.",
        ),
    ),
    indexes=(
        unique("gift_recipients_token", "token_sha256", serves="Accepting an invitation by its token."),
        unique("gift_recipients_consent", "consent_event_id", serves="One consent is one recipient."),
        index(
            "gift_recipients_open",
            "expires_at",
            serves="Invitations nobody has accepted: the open ones, and the addresses that are due to be deleted.",
            where="accepted_at is null",
        ),
        index("gift_recipients_subject", "subject_id", serves="The giver's list of invitations."),
        index(
            "gift_recipients_artifact",
            "artifact_id",
            serves="The invitations of one gift; a withdrawal closes them.",
        ),
        index(
            "gift_recipients_accepted",
            "accepted_subject_id",
            serves="What a recipient has accepted.",
            where="accepted_subject_id is not null",
        ),
    ),
    policies=(
        owner_reads(
            "gift_recipients",
            also=" or (select auth.uid()) is not null and accepted_subject_id = (select auth.uid())",
        ),
    ),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server notes the recipient and what became of the invitation.",
        ),
    ),
    triggers=(
        before(
            "gifts_need_consent",
            "insert",
            require_consent,
            "An address is stored only with the giver's consent for this gift.",
            gift_recipient.id,
        ),
        before(
            "gifts_of_one_consent",
            "insert",
            bind_gift,
            "One consent is one recipient; whoever was invited has not accepted yet.",
        ),
        at_commit(
            "gifts_rest_on_consent",
            "update",
            require_consent_at_commit,
            "An invitation is accepted only while the giver allows it.",
            gift_recipient.id,
            when="new.withdrawn_at is null and old.accepted_at is null",
        ),
        before(
            "gifts_stay_with_recipient",
            "update",
            guard_gift,
            "The address never changes, and only the recipient can accept.",
        ),
    ),
    source="product",
)
