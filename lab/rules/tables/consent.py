"""The consent ledger: the wording that was shown, what was answered, and what stands today."""

from lab.rules.consents import CONSENTS
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
from lab.rules.words import (
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

PURPOSES = ids(CONSENTS)

consent_notices = Table(
    id="consent_notices",
    title="Consent notices",
    description="The exact wording that was shown, by purpose, version and language, with its hash. Only ever added to.",
    loss="A consent could be proved, but not its wording.",
    columns=(
        key(erase=KEEP),
        operational("purpose", "text", "What the consent is for.", erase=KEEP, allowed=PURPOSES),
        operational("version", "integer", "Counts up when the wording changes.", erase=KEEP),
        operational("locale", "text", "Language of the wording.", erase=KEEP, form=LOCALE),
        public("body", "text", "The wording, word for word.", erase=KEEP),
        operational("body_sha256", "bytea", "SHA-256 of the wording, made by the database.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("version_counts", "version >= 1", "Versions count from one."),),
    indexes=(unique("consent_notices_wording", "purpose", "version", "locale", serves="The wording in force."),),
    policies=(
        Policy(
            name="everybody_reads_notices",
            command=SELECT,
            role=authenticated,
            using="true",
            why="The wording is meant to be read; it holds nothing about anybody.",
        ),
    ),
    grants=(
        Grant(role=authenticated, commands=(SELECT,), why="People may read what they are asked."),
        server(SELECT, why="The site's server shows the wording; only a migration adds one."),
    ),
    triggers=(
        before("consent_notices_stamp", "insert", stamp_notice, "Hashes the wording as it is shown."),
        before(
            "consent_notices_keep",
            "update",
            refuse_change,
            "A wording never changes after it was shown.",
        ),
    ),
    by_migration=True,
    source="product; ISO/IEC 29184 on keeping the notice that was shown",
)

consent_events = Table(
    id="consent_events",
    title="Consent ledger",
    description="Every consent given or withdrawn, with the wording that was shown. Only ever added to.",
    loss="A consent, or its withdrawal, could not be proved.",
    columns=(
        number(erase=KEEP),
        operational("request_id", "uuid", "Made by the caller; the same request counts once.", erase=KEEP),
        subject("The person; empty once they are erased.", erase=NULL, nullable=True),
        operational("purpose", "text", "What the consent is for.", erase=KEEP, allowed=PURPOSES),
        operational("action", "text", "What the person decided.", erase=KEEP, allowed=("given", "withdrawn")),
        operational("scope_id", "uuid", "The artifact, for consents that cover one.", erase=KEEP, nullable=True),
        ref("notice_id", consent_notices, "The wording that was shown.", erase=KEEP, nullable=True),
        operational("wording_version", "integer", "Version of that wording.", erase=KEEP, nullable=True),
        operational("wording_sha256", "bytea", "Hash of that wording.", erase=KEEP, nullable=True),
        operational("locale", "text", "Language of that wording.", erase=KEEP, nullable=True, form=LOCALE),
        personal("evidence", "jsonb", "Where and how it was given.", erase=NULL, nullable=True),
        operational(
            "personal_salt",
            "uuid",
            "Salt of the digest; removed with the person.",
            erase=NULL,
            nullable=True,
            internal=True,
        ),
        operational(
            "personal_digest",
            "bytea",
            "Digest of person and evidence; stays when both are gone.",
            erase=KEEP,
            internal=True,
        ),
        operational("row_hash", "bytea", "Digest of the entry, for the chain.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "given_with_wording",
            "action = 'withdrawn' or notice_id is not null",
            "A given consent names its wording.",
        ),
        check(
            "scope_fits_purpose",
            "(wall.consent_scope(purpose, '00000000-0000-0000-0000-000000000000') is not null) = (scope_id is not null)",
            "A consent for one artifact names it; a consent for the account names none.",
        ),
        check(
            "evidence_is_short",
            "wall.is_evidence(evidence)",
            "Evidence is a few facts, no recording.",
        ),
    ),
    indexes=(
        unique("consent_events_request", "request_id", serves="The same request counts once."),
        index(
            "consent_events_subject",
            "subject_id",
            "purpose",
            "scope_id",
            "id",
            serves="Whether a consent is valid: the newest entry decides, before every dependent write.",
        ),
        index("consent_events_notice", "notice_id", serves="Who was shown which wording."),
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
            why="A person gives and withdraws for themselves; the database fills in the rest.",
        ),
        server(SELECT, why="The site's server shows people their history."),
        Grant(
            role=service_role,
            commands=(INSERT,),
            columns=("request_id", "subject_id", "purpose", "action", "scope_id", "notice_id", "evidence"),
            why="The site's server records what a visitor answered; it cannot change or date an entry.",
        ),
    ),
    triggers=(
        before(
            "consent_events_a_stamp",
            "insert",
            stamp_consent_event,
            "Ties the entry to the wording, blinds the person, numbers, dates and digests the entry.",
        ),
        before(
            "consent_events_keep",
            "update",
            refuse_change,
            "The ledger is append-only. An erasure may only blank the person.",
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
            "Rows that others committed meanwhile follow the decision, too.",
        ),
    ),
    source="product; GDPR article 7(1)",
)

consents = Table(
    id="consents",
    title="Consents",
    description="The current consents, derived from the ledger and never written by hand.",
    loss="Every delivery would first have to read a person's whole history.",
    columns=(
        key(erase=ROW),
        subject("The person.", erase=ROW, fixed=True),
        operational("purpose", "text", "What the consent is for.", erase=ROW, allowed=PURPOSES, fixed=True),
        operational(
            "scope_id",
            "uuid",
            "The artifact, for consents that cover one.",
            erase=ROW,
            nullable=True,
            fixed=True,
        ),
        operational("standing", "boolean", "Whether it stands now.", erase=ROW),
        operational(
            "event_id",
            "bigint",
            "The ledger entry that decided it. guard_consent_state accepts only the newest one, so no foreign key is needed.",
            erase=ROW,
        ),
        operational("changed_at", "timestamptz", "When it was decided.", erase=ROW),
        operational(
            "unsettled",
            "boolean",
            "A dependent row was locked by another transaction; settle_consents settles it later.",
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
            serves="What stands for a person, at a glance.",
            nulls_distinct=False,
        ),
        index(
            "consents_unsettled",
            "id",
            serves="Decisions that had to leave something out.",
            where="unsettled",
        ),
    ),
    policies=(owner_reads("consents"),),
    grants=(
        owner_select(),
        server(SELECT, why="The site's server reads what stands; only the ledger changes it."),
    ),
    triggers=(
        before(
            "consents_follow_ledger",
            "insert or update or delete",
            guard_consent_state,
            "The current state must match the newest ledger entry.",
        ),
    ),
    quotes_no_text="The database copies it from the ledger.",
    source="product",
)
