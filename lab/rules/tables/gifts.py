"""Gifts: the recipients and their invitations."""

from lab.rules.consents import gift_recipient
from lab.rules.constructors import (
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
from lab.rules.functions.triggers import (
    bind_gift,
    guard_gift,
    require_consent,
    require_consent_at_commit,
)
from lab.rules.model import Table
from lab.rules.tables.artifacts import oracle_artifacts
from lab.rules.tables.consent import consent_events

_KEPT_BY_RECIPIENT = shared(
    "t.accepted_subject_id <> person and not wall.is_erased(t.accepted_subject_id)",
    "The recipient keeps the gift that they accepted. The giver, the address and the name are removed.",
    subject_id="null",
    contact="null",
    recipient_name="null",
)

_KEPT_BY_GIVER = shared(
    "t.subject_id <> person",
    "The giver keeps the record of their gift. The recipient's account, name and address are removed.",
    accepted_subject_id="null",
    contact="null",
    recipient_name="null",
)

# For an invitation from another person to the erased person's address.
_ADDRESS_REMOVED = (
    ("contact", "null"),
    ("recipient_name", "null"),
    ("withdrawn_at", "case when t.accepted_at is null then coalesce(t.withdrawn_at, now()) else t.withdrawn_at end"),
)

gift_recipients = Table(
    id="gift_recipients",
    title="Gift recipients",
    description="The recipient of each gift, kept apart from the gift: address, acceptance and expiry.",
    loss="A gift would keep the address forever, and nobody could tell whether the recipient accepted it.",
    columns=(
        key(erase=ROW),
        subject(
            "The giver. Null after the giver's erasure, if the recipient keeps the gift.",
            erase=ROW,
            nullable=True,
            fixed=True,
            shared=_KEPT_BY_RECIPIENT,
        ),
        ref("artifact_id", oracle_artifacts, "The artifact of kind gift.", erase=ROW, fixed=True),
        ref(
            "consent_event_id",
            consent_events,
            "The ledger entry that allows this one invitation; set by the database.",
            erase=ROW,
            own_by="bind_gift sets it to the giver's newest entry.",
            fixed=True,
            internal=True,
        ),
        personal(
            "contact",
            "text",
            "The recipient's e-mail address, for this one invitation. Null after a withdrawal, an expiry or an erasure.",
            erase=ROW,
            nullable=True,
            by_address=_ADDRESS_REMOVED,
        ),
        personal(
            "recipient_name",
            "text",
            "The recipient's name in the invitation. Null when there is none.",
            erase=ROW,
            nullable=True,
        ),
        operational(
            "token_sha256",
            "bytea",
            "SHA-256 of the invitation's one-time token; the token itself is not stored.",
            erase=ROW,
            fixed=True,
            internal=True,
        ),
        subject(
            "The recipient's account. Null until they accept.",
            name="accepted_subject_id",
            erase=ROW,
            nullable=True,
            shared=_KEPT_BY_GIVER,
        ),
        stamp("accepted_at", "When the recipient accepted. Null until then.", erase=ROW),
        stamp("withdrawn_at", "When the invitation was withdrawn. Null until then.", erase=ROW),
        operational(
            "expires_at",
            "timestamptz",
            "After this time the invitation is invalid and its address must be deleted.",
            erase=ROW,
            default="now() + interval '30 days'",
            ahead=True,
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    checks=(
        check(
            "giver_or_acceptance",
            "subject_id is not null or accepted_subject_id is not null",
            "A row belongs to its giver, or to the recipient who accepted.",
        ),
        check(
            "contact_is_an_address",
            "contact is null or contact ~ '^[^@\\s]+@[^@\\s]+$' and char_length(contact) <= 320",
            "The contact has the form of an e-mail address.",
        ),
        check("token_is_sha256", "octet_length(token_sha256) = 32", "The hash has 32 bytes."),
        check("expires_later", "expires_at > created_at", "An invitation expires after it was created."),
        check(
            "expires_in_time",
            "expires_at <= created_at + interval '90 days'",
            "An invitation expires after at most 90 days, so that its address is not kept longer.",
        ),
    ),
    indexes=(
        unique("gift_recipients_token", "token_sha256", serves="Finds an invitation by its token."),
        unique("gift_recipients_consent", "consent_event_id", serves="One consent allows one invitation."),
        index(
            "gift_recipients_open",
            "expires_at",
            serves="Finds invitations that nobody has accepted: open ones, and those whose address must be deleted.",
            where="accepted_at is null",
        ),
        index("gift_recipients_subject", "subject_id", serves="Finds a giver's invitations."),
        index(
            "gift_recipients_artifact",
            "artifact_id",
            serves="Finds the invitations of a gift, also to close them after a withdrawal.",
        ),
        index(
            "gift_recipients_accepted",
            "accepted_subject_id",
            serves="Finds the gifts that a person has accepted.",
            where="accepted_subject_id is not null",
        ),
    ),
    policies=(
        owner_reads(
            "gift_recipients",
            also=" or (select auth.uid()) is not null and accepted_subject_id = (select auth.uid())",
            why="Givers read their invitations, and recipients the ones that they have accepted.",
        ),
    ),
    grants=(
        owner_select(),
        server(
            SELECT,
            INSERT,
            UPDATE,
            why="The site's server writes invitations and records their outcome.",
        ),
    ),
    triggers=(
        before(
            "gifts_need_consent",
            "insert",
            require_consent,
            "An address is stored only while the giver's consent for this gift is valid.",
            gift_recipient.id,
        ),
        before(
            "gifts_of_one_consent",
            "insert",
            bind_gift,
            "Ties a new invitation to the consent that allows it. A new invitation is not accepted yet.",
        ),
        at_commit(
            "gifts_rest_on_consent",
            "update",
            require_consent_at_commit,
            "An invitation can be accepted only while the giver's consent is valid.",
            gift_recipient.id,
            when="new.withdrawn_at is null and old.accepted_at is null",
        ),
        before(
            "gifts_stay_with_recipient",
            "update",
            guard_gift,
            "The recipient's address never changes, and only the recipient can accept.",
        ),
    ),
    source="product",
)
