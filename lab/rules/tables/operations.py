"""Privacy requests, the audit trail, and the chain that makes both ledgers tamper-evident."""

from lab.rules.functions.triggers import refuse_change, stamp_ledger
from lab.rules.model import Grant, Policy, Table, Trigger
from lab.rules.roles import authenticated, service_role
from lab.rules.words import (
    INSERT,
    KEEP,
    NULL,
    SELECT,
    UPDATE,
    before,
    check,
    created,
    index,
    key,
    number,
    operational,
    owner_reads,
    owner_select,
    ref,
    server,
    stamp,
    subject,
    unique,
)

# A number, a uuid or digest, or an id of Stripe's; a name of letters alone is none of them.
_AN_ID = "^(?:-?[0-9]{1,20}|[0-9a-f][0-9a-f-]{15,63}|[a-z]{2,8}_[A-Za-z0-9_]{1,70})$"

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
            "The answer is due by then: one month.",
            erase=KEEP,
            default="now() + interval '1 month'",
        ),
        stamp("extended_until", "A later date, when the person was told why in time.", erase=KEEP),
        stamp("closed_at", "When it was answered.", erase=KEEP),
        operational("proof_sha256", "bytea", "Digest of the proof at the end.", erase=KEEP, nullable=True),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check(
            "extension_is_limited",
            "extended_until is null or extended_until <= due_at + interval '2 months'",
            "The law allows two months more.",
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

admin_audit_events = Table(
    id="admin_audit_events",
    title="Audit trail",
    description="Who did what to which thing, and how it ended. Ids, codes and counts only; only ever added to.",
    loss="After a mistake nobody could say what had been done, by whom, and in which order.",
    columns=(
        number(erase=KEEP),
        operational(
            "actor_kind",
            "text",
            "What kind of actor it was.",
            erase=KEEP,
            allowed=("subject", "operator", "server", "worker", "system"),
        ),
        operational(
            "actor_id", "text", "Opaque id of the actor.", erase=KEEP, nullable=True, closed_by="actor_is_an_id"
        ),
        operational("action", "text", "What was done, as noun.verb.", erase=KEEP, closed_by="action_is_a_code"),
        operational("object_table", "text", "Table of the object.", erase=KEEP, closed_by="object_is_an_id"),
        operational("object_id", "text", "Key of the object.", erase=KEEP, closed_by="object_is_an_id"),
        operational("outcome", "text", "How it ended.", erase=KEEP, allowed=("done", "refused", "failed")),
        operational(
            "details",
            "jsonb",
            "Numbers and short codes; free text does not fit.",
            erase=KEEP,
            default="'{}'",
            closed_by="details_are_operational",
        ),
        operational("row_hash", "bytea", "Digest of the entry, for the chain.", erase=KEEP),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    checks=(
        check("action_is_a_code", "action ~ '^[a-z_]{1,24}\\.[a-z_]{1,24}$'", "A code, never a sentence."),
        check(
            "object_is_an_id",
            f"object_table ~ '^[a-z_]{{1,40}}$' and object_id ~ '{_AN_ID}'",
            "Ids, never names or addresses.",
        ),
        check(
            "actor_is_an_id",
            f"actor_id is null or actor_id ~ '{_AN_ID}'",
            "Ids, never names or addresses.",
        ),
        check("details_are_operational", "wall.is_operational(details)", "Numbers and short codes only."),
    ),
    indexes=(
        index("admin_audit_events_object", "object_table", "object_id", serves="What was done to a thing."),
        index("admin_audit_events_recent", "created_at", serves="What was done lately."),
    ),
    grants=(
        server(SELECT, why="The site's server shows the trail to operators."),
        Grant(
            role=service_role,
            commands=(INSERT,),
            columns=("actor_kind", "actor_id", "action", "object_table", "object_id", "outcome", "details"),
            why="The site's server adds a line; it cannot change or date one.",
        ),
    ),
    triggers=(
        before("admin_audit_events_hash", "insert", stamp_ledger, "Dates and digests the entry."),
        before("admin_audit_events_keep", "update or delete", refuse_change, "The trail is only ever added to."),
        Trigger(
            name="admin_audit_events_keep_all",
            timing="before",
            events="truncate",
            level="statement",
            function=refuse_change,
            why="The trail cannot be swept away in one go.",
        ),
    ),
    source="product",
)

ledger_seals = Table(
    id="ledger_seals",
    title="Ledger seals",
    description="A hash chain over both ledgers, written after the fact, so that writers never wait for each other.",
    loss="A row that is quietly changed, removed or slipped into a ledger would never be noticed.",
    columns=(
        operational("ledger", "text", "Which ledger.", erase=KEEP, allowed=("consent_events", "admin_audit_events")),
        operational("position", "bigint", "Place in the chain, without gaps.", erase=KEEP),
        operational("row_id", "bigint", "The ledger row.", erase=KEEP),
        operational("row_hash", "bytea", "Digest of that row when it was sealed.", erase=KEEP),
        operational(
            "chain_hash",
            "bytea",
            "Digest of this link and all before it; keep the last one outside as well.",
            erase=KEEP,
        ),
        created(erase=KEEP),
    ),
    primary_key=("ledger", "position"),
    indexes=(unique("ledger_seals_row", "ledger", "row_id", serves="Whether a row is sealed; each is sealed once."),),
    grants=(server(SELECT, why="The site's server anchors the last link outside the database."),),
    triggers=(
        before(
            "ledger_seals_keep",
            "update or delete",
            refuse_change,
            "A link that could be changed would prove nothing.",
        ),
        Trigger(
            name="ledger_seals_keep_all",
            timing="before",
            events="truncate",
            level="statement",
            function=refuse_change,
            why="The chain cannot be swept away in one go.",
        ),
    ),
    source="product",
)
