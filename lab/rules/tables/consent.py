"""The consent ledger: the wording that was shown, each decision, and the current consents."""

from lab.rules.consents import CONSENTS
from lab.rules.constructors import (
    INSERT,
    KEEP,
    NULL,
    ROW,
    SELECT,
    after,
    at_commit,
    before,
    check,
    created,
    ids,
    index,
    key,
    number,
    operational,
    owner_reads,
    owner_select,
    personal,
    public,
    ref,
    server,
    subject,
    unique,
)
from lab.rules.derived import quote_array
from lab.rules.forms import LOCALE
from lab.rules.functions.triggers import (
    derive_consent,
    guard_consent_state,
    refuse_change,
    settle_consent_at_commit,
    stamp_consent_event,
    stamp_notice,
)
from lab.rules.model import Grant, Policy, Table
from lab.rules.roles import authenticated, service_role
from lab.rules.withdrawal import NOTICES

PURPOSES = ids(CONSENTS)
SCOPED = tuple(consent.id for consent in CONSENTS if consent.scope == "artifact")  # each covers one artifact

consent_notices = Table(
    id="consent_notices",
    title="Consent notices",
    description="The exact wording of each consent question and of each text about the right of withdrawal, by purpose, "
    "version and language, with its hash. Append-only.",
    loss="A consent or a waiver could be proved, but not the wording that was shown.",
    columns=(
        key(erase=KEEP),
        operational(
            "purpose",
            "text",
            "What the wording is for: the purpose of a consent, such as email_delivery, or a text such as withdrawal_waiver.",
            erase=KEEP,
            allowed=(*PURPOSES, *ids(NOTICES)),
        ),
        operational("version", "integer", "Version of the wording, from 1.", erase=KEEP),
        operational("locale", "text", "Language of the wording as a BCP 47 code.", erase=KEEP, form=LOCALE),
        public("body", "text", "The full wording.", erase=KEEP),
        operational("body_sha256", "bytea", "SHA-256 of the wording, computed by the database.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("version_counts", "version >= 1", "Versions start at 1."),),
    indexes=(
        unique(
            "consent_notices_wording",
            "purpose",
            "version",
            "locale",
            serves="Each version has one wording in a language.",
        ),
    ),
    policies=(
        Policy(
            name="everybody_reads_notices",
            command=SELECT,
            role=authenticated,
            using="true",
            why="Signed-in people can read every wording; it holds no personal data.",
        ),
    ),
    grants=(
        Grant(role=authenticated, commands=(SELECT,), why="Signed-in people read the wording of the questions."),
        server(SELECT, why="The site's server reads the wording; only migrations add one."),
    ),
    triggers=(
        before("consent_notices_stamp", "insert", stamp_notice, "Computes the hash of a new wording."),
        before(
            "consent_notices_keep",
            "update",
            refuse_change,
            "A wording never changes.",
        ),
    ),
    by_migration=True,
    source="product; ISO/IEC 29184 on keeping the notice that was shown",
)

consent_events = Table(
    id="consent_events",
    title="Consent ledger",
    description="Every consent that was given or withdrawn, with the wording that was shown. Append-only.",
    loss="A consent, or its withdrawal, could not be proved.",
    columns=(
        number(erase=KEEP),
        operational(
            "request_id",
            "uuid",
            "Id of the request, made by the caller, so that a repeated request is recorded once.",
            erase=KEEP,
        ),
        subject("The person who decided. Null after their erasure.", erase=NULL, nullable=True),
        operational("purpose", "text", "Purpose of the consent, such as email_delivery.", erase=KEEP, allowed=PURPOSES),
        operational("action", "text", "The decision.", erase=KEEP, allowed=("given", "withdrawn")),
        operational(
            "scope_id",
            "uuid",
            "The artifact, for a consent that covers one. Null for a consent that covers the account.",
            erase=KEEP,
            nullable=True,
        ),
        ref(
            "notice_id",
            consent_notices,
            "The wording that was shown. Null for a withdrawal without a wording.",
            erase=KEEP,
            nullable=True,
        ),
        operational(
            "wording_version",
            "integer",
            "Version of that wording, copied by the database. Null without a wording.",
            erase=KEEP,
            nullable=True,
        ),
        operational(
            "wording_sha256",
            "bytea",
            "SHA-256 of that wording, copied by the database. Null without a wording.",
            erase=KEEP,
            nullable=True,
        ),
        operational(
            "locale",
            "text",
            "Language of that wording, copied by the database. Null without a wording.",
            erase=KEEP,
            nullable=True,
            set_by="consent_events_a_stamp",
        ),
        personal(
            "evidence",
            "jsonb",
            "Where and how the person decided, as a flat JSON object. Null when unknown and after the person's erasure.",
            erase=NULL,
            nullable=True,
        ),
        operational(
            "personal_salt",
            "uuid",
            "Random salt of personal_digest, set by the database. Null after the person's erasure.",
            erase=NULL,
            nullable=True,
            internal=True,
        ),
        operational(
            "personal_digest",
            "bytea",
            "Salted SHA-256 of the person and the evidence. It stays after both were erased.",
            erase=KEEP,
            internal=True,
        ),
        operational(
            "row_hash",
            "bytea",
            "SHA-256 of the entry, computed by the database; the hash chain is built from it.",
            erase=KEEP,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "given_with_wording",
            "action = 'withdrawn' or notice_id is not null",
            "A consent is given to a wording that was shown.",
        ),
        check(
            "scope_fits_purpose",
            f"(purpose = any ({quote_array(SCOPED)})) = (scope_id is not null)",
            "A consent that covers one artifact names it. A consent that covers the account names none.",
        ),
        check(
            "evidence_is_short",
            "evidence is null or wall.is_evidence(evidence)",
            "Evidence is a small JSON object of short facts.",
        ),
    ),
    indexes=(
        unique("consent_events_request", "request_id", serves="A repeated request is recorded once."),
        index(
            "consent_events_subject",
            "subject_id",
            "purpose",
            "scope_id",
            "id",
            serves="Finds the newest entry for a person, purpose and scope, which decides whether the consent is valid.",
        ),
        index("consent_events_notice", "notice_id", serves="Finds the entries that refer to a wording."),
    ),
    policies=(
        owner_reads("consent_events"),
        Policy(
            name="owner_writes_consent_events",
            command=INSERT,
            role=authenticated,
            with_check="(select auth.uid()) is not null and subject_id = (select auth.uid())",
            why="People give and withdraw only their own consents.",
        ),
    ),
    grants=(
        owner_select(),
        Grant(
            role=authenticated,
            commands=(INSERT,),
            columns=("request_id", "subject_id", "purpose", "action", "scope_id", "notice_id", "evidence"),
            why="A person gives and withdraws their own consents; the database sets the other columns.",
        ),
        server(SELECT, why="The site's server shows people the history of their consents."),
        Grant(
            role=service_role,
            commands=(INSERT,),
            columns=("request_id", "subject_id", "purpose", "action", "scope_id", "notice_id", "evidence"),
            why="The site's server records a visitor's answer; it cannot set the date or change an entry.",
        ),
    ),
    triggers=(
        before(
            "consent_events_a_stamp",
            "insert",
            stamp_consent_event,
            "Sets the number, date and digests of a new entry and copies the version, hash and language of its wording.",
        ),
        before(
            "consent_events_keep",
            "update",
            refuse_change,
            "The ledger is append-only. Only an erasure may set the person's columns to null.",
            "subject_id",
            "evidence",
            "personal_salt",
        ),
        after(
            "consent_takes_effect",
            "insert",
            derive_consent,
            "A decision takes effect in the transaction that records it.",
        ),
        at_commit(
            "consent_takes_effect_at_commit",
            "insert",
            settle_consent_at_commit,
            "At commit, the decision is applied to rows that other transactions committed meanwhile.",
        ),
    ),
    source="product; GDPR article 7(1)",
)

consents = Table(
    id="consents",
    title="Consents",
    description="The current consents: one row per person, purpose and scope. The database derives them from the ledger.",
    loss="Every delivery would have to read a person's whole consent history first.",
    columns=(
        key(erase=ROW),
        subject("The person who decided.", erase=ROW, fixed=True),
        operational(
            "purpose",
            "text",
            "Purpose of the consent, such as email_delivery.",
            erase=ROW,
            allowed=PURPOSES,
            compared_by="consents_follow_ledger",
            fixed=True,
        ),
        operational(
            "scope_id",
            "uuid",
            "The artifact, for a consent that covers one. Null for a consent that covers the account.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        operational("standing", "boolean", "True while the consent is given, false after it was withdrawn.", erase=ROW),
        operational(
            "event_id",
            "bigint",
            "The newest ledger entry of this person, purpose and scope. A trigger allows no other, so no foreign key is needed.",
            erase=ROW,
        ),
        operational("changed_at", "timestamptz", "When that entry was written.", erase=ROW),
        operational(
            "unsettled",
            "boolean",
            "True when another transaction had locked a dependent row; settle_consents applies the decision to it later.",
            erase=ROW,
            default="false",
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    indexes=(
        unique(
            "consents_current",
            "subject_id",
            "purpose",
            "scope_id",
            serves="Each person has one current consent for a purpose and scope.",
            nulls_distinct=False,
        ),
        index(
            "consents_unsettled",
            "id",
            serves="Finds decisions that still have to be applied to some rows.",
            where="unsettled",
        ),
    ),
    policies=(owner_reads("consents"),),
    grants=(
        owner_select(),
        server(SELECT, why="The site's server reads the current consents; only ledger entries change them."),
    ),
    triggers=(
        before(
            "consents_follow_ledger",
            "insert or update or delete",
            guard_consent_state,
            "A current consent must match the newest ledger entry.",
        ),
    ),
    quotes_no_text="The database copies it from the ledger.",
    source="product",
)
