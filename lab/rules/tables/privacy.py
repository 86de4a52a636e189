"""Privacy requests and erasure: what people ask for, how far it is, and what may delay it."""

from lab.rules.functions.triggers import (
    audit_legal_hold,
    audit_privacy_request,
    check_erasure,
    guard_erasure,
    guard_privacy_request,
    refuse_rewrite,
    stamp_privacy_request,
)
from lab.rules.model import Grant, Policy, Table
from lab.rules.roles import authenticated, service_role
from lab.rules.words import (
    INSERT,
    KEEP,
    NULL,
    SELECT,
    UPDATE,
    after,
    at_commit,
    before,
    check,
    created,
    index,
    key,
    operational,
    owner_reads,
    owner_select,
    ref,
    server,
    stamp,
    subject,
    unique,
)

# Tables with rows of people: a hold names one of them and a row in it.
HELD_TABLES = (
    "oracle_scrolls",
    "oracle_artifacts",
    "share_cards",
    "gift_recipients",
    "purchases",
    "echo_entries",
    "council_sessions",
    "passport_records",
    "ai_runs",
    "consent_events",
    "consents",
    "delivery_jobs",
    "delivery_attempts",
    "privacy_requests",
)

privacy_requests = Table(
    id="privacy_requests",
    title="Privacy requests",
    description="Requests for export, deletion or anonymization, each with its legal deadline and its proof.",
    loss="A request would be an e-mail in somebody's inbox, and the month would pass.",
    columns=(
        key(erase=KEEP),
        subject("The person who asks; empty once they are erased.", erase=NULL, nullable=True),
        operational(
            "kind",
            "text",
            "What they ask for.",
            erase=KEEP,
            allowed=("export", "deletion", "anonymization"),
            fixed=True,
        ),
        operational(
            "status",
            "text",
            "Where the request stands.",
            erase=KEEP,
            default="'received'",
            allowed=("received", "verified", "running", "waiting_processor", "done", "refused", "cancelled"),
            starts=("received",),
            moves=(
                ("received", "verified"),
                ("received", "refused"),
                ("received", "cancelled"),
                ("verified", "running"),
                ("verified", "refused"),
                ("verified", "cancelled"),
                ("running", "waiting_processor"),
                ("running", "done"),
                ("waiting_processor", "running"),
                ("waiting_processor", "done"),
            ),
        ),
        operational(
            "due_at",
            "timestamptz",
            "The answer is due by then: one calendar month after the request, set by the database.",
            erase=KEEP,
            default="now() + interval '1 month'",
            fixed=True,
        ),
        stamp("extended_until", "A later date, when the person was told why in time.", erase=KEEP),
        operational(
            "extension_reason",
            "text",
            "Why it takes longer; the law knows these two reasons.",
            erase=KEEP,
            nullable=True,
            allowed=("complexity", "number_of_requests"),
        ),
        stamp("closed_at", "When it was answered.", erase=KEEP),
        operational("proof_sha256", "bytea", "Digest of the proof at the end.", erase=KEEP, nullable=True),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "somebody_asks",
            "subject_id is not null or status <> 'received'",
            "A request comes from somebody with an account: without one there is nothing to export or erase.",
        ),
        check(
            "extension_is_limited",
            "extended_until is null or extended_until <= due_at + interval '2 months'",
            "The law allows two months more.",
        ),
        check(
            "extension_has_a_reason",
            "(extended_until is null) = (extension_reason is null)",
            "A deadline moves only with its reason.",
        ),
        check(
            "extension_is_later",
            "extended_until is null or extended_until > due_at",
            "An extension ends after the deadline that it extends.",
        ),
        check(
            "closed_when_answered",
            "(closed_at is not null) = (status in ('done', 'refused', 'cancelled'))",
            "A request is closed by its answer, and by nothing else.",
        ),
    ),
    indexes=(
        index("privacy_requests_subject", "subject_id", serves="A person's requests; erasure asks by this."),
        index("privacy_requests_due", "due_at", serves="What is due next.", where="closed_at is null"),
    ),
    policies=(
        owner_reads("privacy_requests"),
        Policy(
            name="owner_writes_privacy_requests",
            command=INSERT,
            role=authenticated,
            with_check="(select auth.uid()) is not null and subject_id = (select auth.uid())",
            why="A person asks for themselves alone.",
        ),
    ),
    grants=(
        owner_select(),
        Grant(
            role=authenticated,
            commands=(INSERT,),
            columns=("subject_id", "kind"),
            why="A person asks; the database sets the deadline.",
        ),
        server(SELECT, INSERT, UPDATE, why="The site's server works through the request, step by step."),
    ),
    triggers=(
        before(
            "privacy_requests_stamp",
            "insert",
            stamp_privacy_request,
            "The dates of a request are the database's own, whatever was sent.",
        ),
        before(
            "privacy_requests_terms",
            "update",
            guard_privacy_request,
            "A deadline moves once, in time and with a reason; done means that nothing is left to do.",
        ),
        after(
            "privacy_requests_audited",
            "insert or update",
            audit_privacy_request,
            "Each request and each move of it leaves a line in the audit trail.",
        ),
    ),
    source="product; GDPR article 12(3)",
)

privacy_request_steps = Table(
    id="privacy_request_steps",
    title="Privacy request steps",
    description="The steps of a privacy request, each of which can be taken up again where it stopped.",
    loss="A deletion that breaks off halfway would look like one that was done.",
    columns=(
        key(erase=KEEP),
        ref("request_id", privacy_requests, "The request.", erase=KEEP, fixed=True),
        operational("position", "smallint", "Its place in the order.", erase=KEEP, fixed=True),
        operational("name", "text", "What is done.", erase=KEEP, fixed=True, closed_by="name_is_a_code"),
        operational(
            "status",
            "text",
            "Where the step stands.",
            erase=KEEP,
            default="'pending'",
            allowed=("pending", "running", "done", "failed", "skipped"),
            starts=("pending",),
            moves=(
                ("pending", "running"),
                ("pending", "skipped"),
                ("running", "done"),
                ("running", "failed"),
                ("failed", "running"),
                ("failed", "skipped"),
            ),
        ),
        operational("attempts", "smallint", "How often it was begun.", erase=KEEP, default="0"),
        operational("evidence_sha256", "bytea", "Digest of what it found and did.", erase=KEEP, nullable=True),
        stamp("started_at", "When it was last begun.", erase=KEEP),
        stamp("finished_at", "When it was done.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("name_is_a_code", "name ~ '^[a-z][a-z_]{2,39}$'", "A name, never a text."),),
    indexes=(
        unique(
            "privacy_request_steps_name",
            "request_id",
            "name",
            serves="The steps of a request; each stands once.",
        ),
    ),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server plans the steps and notes how they went."),),
    source="product",
)

erasure_keys = Table(
    id="erasure_keys",
    title="Erasure key",
    description="One row: the random key of the tombstones, and a count that each erasure raises.",
    loss="A tombstone could be computed from a person's id alone, and a list of ids would tell who was erased.",
    columns=(
        operational("id", "bigint", "Always 1: there is one key.", erase=KEEP, default="1", fixed=True),
        operational(
            "key",
            "bytea",
            "Random; made by this database, and granted to nobody. Leave the table out of copies.",
            erase=KEEP,
            default="sha256(uuid_send(gen_random_uuid()) || uuid_send(gen_random_uuid()))",
            fixed=True,
            internal=True,
        ),
        operational(
            "tombstones",
            "bigint",
            "How many were written; a transaction that works with an older view of the data is refused by this.",
            erase=KEEP,
            default="0",
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("only_one", "id = 1", "A second key would hide the tombstones of the first."),),
    source="product; GDPR article 4(5) on keeping what identifies apart",
)

erased_subjects = Table(
    id="erased_subjects",
    title="Erased people",
    description="A keyed digest of each erased person's id, so that nothing is written for them again; no personal data.",
    loss="A late worker, a webhook or a token that still lives would bring an erased person back.",
    columns=(
        operational(
            "tombstone",
            "bytea",
            "SHA-256 over this database's own key and the person's id.",
            erase=KEEP,
            fixed=True,
        ),
        ref(
            "request_id",
            privacy_requests,
            "The request that it comes from.",
            erase=KEEP,
            fixed=True,
            own_by="guard_erasure lets it be a running request of the same person alone.",
        ),
        subject("The person, until their rows are gone.", erase=NULL, nullable=True),
        operational(
            "tombstone_xid",
            "xid8",
            "The transaction that wrote the tombstone.",
            erase=KEEP,
            fixed=True,
            internal=True,
        ),
        operational(
            "barrier_xid",
            "xid8",
            "A transaction after it: once all older ones have ended, nobody is left who missed the tombstone.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        operational(
            "erasing_xid",
            "xid8",
            "The transaction that erases; it cannot end before nothing is left.",
            erase=KEEP,
            nullable=True,
            internal=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("tombstone",),
    indexes=(
        unique("erased_subjects_request", "request_id", serves="How far the erasure of a request is."),
        unique(
            "erased_subjects_subject",
            "subject_id",
            serves="Whether this transaction erases a person; asked before anything sealed gives way.",
            where="subject_id is not null",
        ),
    ),
    triggers=(
        before(
            "erased_subjects_guard",
            "insert or update",
            guard_erasure,
            "A tombstone rests on a running request; what it says of transactions is the database's own.",
        ),
        at_commit(
            "erased_subjects_whole",
            "update of erasing_xid",
            check_erasure,
            "Whoever begins to erase a person ends it in the same transaction, or nothing of it happens.",
            when="new.subject_id is not null and new.erasing_xid is distinct from old.erasing_xid",
        ),
    ),
    source="product; GDPR article 17",
)

storage_deletions = Table(
    id="storage_deletions",
    title="Storage deletions",
    description="Files of erased people that must be deleted in storage; each stays listed until that is done.",
    loss="The rows would be gone, the files would stay, and nobody would know their paths any more.",
    columns=(
        key(erase=KEEP),
        ref("request_id", privacy_requests, "The deletion request.", erase=KEEP, fixed=True),
        operational(
            "storage_path",
            "text",
            "Random path of the file; empty once the file is deleted.",
            erase=KEEP,
            nullable=True,
            closed_by="storage_path_is_opaque",
        ),
        stamp("done_at", "When storage had deleted it.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "storage_path_is_opaque",
            "storage_path is null or storage_path ~ '^[0-9a-f][0-9a-f/-]{15,79}(\\.[a-z0-9]{2,4})?$'",
            "A path is random hexadecimal, so that no name and no question can stand in it.",
        ),
        check(
            "listed_until_done",
            "(done_at is null) = (storage_path is not null)",
            "The path stays until the file is deleted, and no longer.",
        ),
    ),
    indexes=(
        index("storage_deletions_request", "request_id", serves="What a request still waits for."),
        index("storage_deletions_open", "created_at", serves="Which files to delete next.", where="done_at is null"),
    ),
    grants=(server(SELECT, why="The site's server deletes the files and says so by finish_storage_deletion."),),
    triggers=(
        before(
            "storage_deletions_path",
            "update",
            refuse_rewrite,
            "A listed file stays that file until it is deleted.",
            "storage_path, done_at",
            when=(
                "old.done_at is not null and new is distinct from old"
                " or new.storage_path is not null and new.storage_path is distinct from old.storage_path"
            ),
        ),
    ),
    source="product; GDPR article 17",
)

legal_holds = Table(
    id="legal_holds",
    title="Legal holds",
    description="Rows that the law wants kept for a while, each with the reason; an erasure waits for them.",
    loss="Somebody's evidence would be erased in the middle of a dispute, or a whole account would be kept for one row.",
    columns=(
        key(erase=KEEP),
        operational("table_name", "text", "The table of the held row.", erase=KEEP, allowed=HELD_TABLES, fixed=True),
        operational("row_id", "text", "Key of the held row.", erase=KEEP, fixed=True, closed_by="row_is_a_key"),
        operational(
            "reason_code",
            "text",
            "Why it is held.",
            erase=KEEP,
            allowed=("legal_claim", "tax_audit", "authority_order", "fraud_inquiry"),
            fixed=True,
        ),
        stamp("held_until", "When the hold ends; empty until somebody ends it.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("row_is_a_key", "row_id ~ '^([0-9a-f-]{36}|[0-9]{1,19})$'", "A key, never a name or an address."),),
    indexes=(index("legal_holds_row", "table_name", "row_id", serves="Whether a row is held."),),
    grants=(
        server(SELECT, INSERT, why="The site's server notes a hold for its operator."),
        Grant(
            role=service_role,
            commands=(UPDATE,),
            columns=("held_until",),
            why="A hold is ended by its date; what it holds never changes.",
        ),
    ),
    triggers=(
        after(
            "legal_holds_audited",
            "insert or update",
            audit_legal_hold,
            "Who holds what, and until when, leaves a line in the audit trail.",
        ),
    ),
    source="product; GDPR article 17(3)(e)",
)
