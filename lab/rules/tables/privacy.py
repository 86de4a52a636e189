"""Privacy requests, their steps, and the legal holds that pause them."""

from lab.rules.constructors import (
    INSERT,
    KEEP,
    NULL,
    SELECT,
    UPDATE,
    after,
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
from lab.rules.functions.triggers import (
    audit_legal_hold,
    audit_privacy_request,
    guard_privacy_request,
    stamp_privacy_request,
)
from lab.rules.model import Grant, Policy, Table
from lab.rules.roles import authenticated, service_role

# Tables whose rows belong to people. A legal hold names one of them and a row in it.
HELD_TABLES = (
    "oracle_scrolls",
    "oracle_artifacts",
    "share_cards",
    "gift_recipients",
    "purchases",
    "withdrawal_waivers",
    "withdrawals",
    "withdrawal_documents",
    "echo_entries",
    "council_sessions",
    "passport_records",
    "ai_runs",
    "consent_events",
    "consents",
    "delivery_jobs",
    "delivery_attempts",
    "delivery_effects",
    "delivery_links",
    "delivery_records",
    "privacy_requests",
)

privacy_requests = Table(
    id="privacy_requests",
    title="Privacy requests",
    description="Requests for export, deletion or anonymization, with their legal deadline and the proof of completion.",
    loss="A request would only be an e-mail, and nobody would notice a missed deadline.",
    columns=(
        key(erase=KEEP),
        subject("The person who made the request. Null after their erasure.", erase=NULL, nullable=True),
        operational(
            "kind",
            "text",
            "What the person requests.",
            erase=KEEP,
            allowed=("export", "deletion", "anonymization"),
            fixed=True,
        ),
        operational(
            "status",
            "text",
            "State of the request. Waiting_processor means that others, such as the e-mail provider, must still delete their data.",
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
            "Deadline of the answer: one calendar month after the request, set by the database.",
            erase=KEEP,
            default="now() + interval '1 month'",
            fixed=True,
        ),
        stamp(
            "extended_until", "Extended deadline, at most two months later. Null when it was not extended.", erase=KEEP
        ),
        operational(
            "extension_reason",
            "text",
            "Why the deadline was extended; the law allows these two reasons. Null when it was not extended.",
            erase=KEEP,
            nullable=True,
            allowed=("complexity", "number_of_requests"),
        ),
        stamp("closed_at", "When the request was closed. Null until then.", erase=KEEP),
        operational(
            "proof_sha256",
            "bytea",
            "SHA-256 of the proof of completion. Null until the request is closed.",
            erase=KEEP,
            nullable=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "somebody_asks",
            "subject_id is not null or status <> 'received'",
            "A new request belongs to a person with an account.",
        ),
        check(
            "extension_is_limited",
            "extended_until is null or extended_until <= due_at + interval '2 months'",
            "A deadline is extended by at most two months.",
        ),
        check(
            "extension_has_a_reason",
            "(extended_until is null) = (extension_reason is null)",
            "An extension has a reason, and a reason has an extension.",
        ),
        check(
            "extension_is_later",
            "extended_until is null or extended_until > due_at",
            "The extended deadline is later than the original one.",
        ),
        check(
            "closed_when_answered",
            "(closed_at is not null) = (status in ('done', 'refused', 'cancelled'))",
            "A request has a closing date exactly when it is done, refused or cancelled.",
        ),
    ),
    indexes=(
        index("privacy_requests_subject", "subject_id", serves="Finds a person's requests, also during an erasure."),
        index(
            "privacy_requests_due", "due_at", serves="Finds open requests by their deadline.", where="closed_at is null"
        ),
    ),
    policies=(
        owner_reads("privacy_requests"),
        Policy(
            name="owner_writes_privacy_requests",
            command=INSERT,
            role=authenticated,
            with_check="(select auth.uid()) is not null and subject_id = (select auth.uid())",
            why="People make requests only for themselves.",
        ),
    ),
    grants=(
        owner_select(),
        Grant(
            role=authenticated,
            commands=(INSERT,),
            columns=("subject_id", "kind"),
            why="A person makes a request; the database sets the deadline.",
        ),
        server(SELECT, INSERT, UPDATE, why="The site's server writes requests and updates their state."),
    ),
    triggers=(
        before(
            "privacy_requests_stamp",
            "insert",
            stamp_privacy_request,
            "The database sets the dates of a new request.",
        ),
        before(
            "privacy_requests_terms",
            "update",
            guard_privacy_request,
            "A deadline is extended once, before it has passed. A request is done only when every step is done.",
        ),
        after(
            "privacy_requests_audited",
            "insert or update",
            audit_privacy_request,
            "Writes a line of the audit trail for each request and each change of its state or deadline.",
        ),
    ),
    source="product; GDPR article 12(3)",
)

privacy_request_steps = Table(
    id="privacy_request_steps",
    title="Privacy request steps",
    description="The steps of each privacy request. A step that stopped can be resumed.",
    loss="A deletion that stopped halfway would look complete.",
    columns=(
        key(erase=KEEP),
        ref("request_id", privacy_requests, "The request that the step belongs to.", erase=KEEP, fixed=True),
        operational("position", "smallint", "Position of the step, counted up.", erase=KEEP, fixed=True),
        operational("name", "text", "Name of the step.", erase=KEEP, fixed=True, closed_by="name_is_a_code"),
        operational(
            "status",
            "text",
            "State of the step.",
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
        operational("attempts", "smallint", "Number of times the step was started.", erase=KEEP, default="0"),
        operational(
            "evidence_sha256",
            "bytea",
            "SHA-256 of the step's result. Null when there is none.",
            erase=KEEP,
            nullable=True,
        ),
        stamp("started_at", "When the step was last started. Null before that.", erase=KEEP),
        stamp("finished_at", "When the step was done. Null until then.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(check("name_is_a_code", "name ~ '^[a-z][a-z_]{2,39}$'", "The name is a short code in lower case."),),
    indexes=(
        unique(
            "privacy_request_steps_name",
            "request_id",
            "name",
            serves="Finds the steps of a request. Each step exists once.",
        ),
    ),
    grants=(server(SELECT, INSERT, UPDATE, why="The site's server plans the steps and records their result."),),
    source="product",
)

legal_holds = Table(
    id="legal_holds",
    title="Legal holds",
    description="Rows that must be kept for a legal reason. An erasure waits until the hold ends.",
    loss="Evidence would be erased during a dispute, or a whole account would be kept because of one row.",
    columns=(
        key(erase=KEEP),
        operational(
            "table_name",
            "text",
            "Table of the held row, in schema public.",
            erase=KEEP,
            allowed=HELD_TABLES,
            fixed=True,
        ),
        operational("row_id", "text", "Key of the held row.", erase=KEEP, fixed=True, closed_by="row_is_a_key"),
        operational(
            "reason_code",
            "text",
            "Why the row is held.",
            erase=KEEP,
            allowed=("legal_claim", "tax_audit", "authority_order", "fraud_inquiry"),
            fixed=True,
        ),
        stamp("held_until", "When the hold ends. Null until an operator ends it.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "row_is_a_key",
            "row_id ~ '^([0-9a-f-]{36}|[0-9]{1,19})$'",
            "The key is a uuid or a number, so it holds no name and no address.",
        ),
    ),
    indexes=(index("legal_holds_row", "table_name", "row_id", serves="Finds out whether a row is held."),),
    grants=(
        server(SELECT, INSERT, why="The site's server adds holds for its operators."),
        Grant(
            role=service_role,
            commands=(UPDATE,),
            columns=("held_until",),
            why="A hold ends by its date; nothing else of it can be changed.",
        ),
    ),
    triggers=(
        after(
            "legal_holds_audited",
            "insert or update",
            audit_legal_hold,
            "Writes a line of the audit trail for each hold and each change of it.",
        ),
    ),
    source="product; GDPR article 17(3)(e)",
)
