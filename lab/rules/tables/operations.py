"""The audit trail, the codes that replace people's ids in it, and the hash chain over both ledgers."""

from lab.rules.constructors import (
    INSERT,
    KEEP,
    ROW,
    SELECT,
    before,
    check,
    created,
    ids,
    index,
    key,
    number,
    operational,
    server,
    subject,
    unique,
)
from lab.rules.functions.triggers import (
    guard_audit_action,
    link_seal,
    refuse_change,
    stamp_audit_event,
)
from lab.rules.model import Grant, Table
from lab.rules.roles import service_role
from lab.rules.tables.consent import consent_events

audit_codes = Table(
    id="audit_codes",
    title="Audit codes",
    description="The random code that replaces each person's id in the audit trail. It is deleted when the person is erased.",
    loss="The audit trail would keep people's ids forever, or operators could not be told apart in it.",
    columns=(
        key(erase=ROW),
        subject(
            "The person. The key of this row is their code in the audit trail.", erase=ROW, fixed=True, internal=True
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    indexes=(
        unique("audit_codes_subject", "subject_id", serves="Finds a person's code when a line about them is written."),
    ),
    source="GDPR article 4(5) on pseudonymization",
)

# An erasure writes this for each entry that it blanks. An entry without a person and without this line was forged.
BLANKED = "consent.blanked"
ERASED = "subject.erased"  # its digest is the proof of a deletion request
# Actions that only the database itself may record.
RESERVED_ACTIONS = (
    BLANKED,
    ERASED,
    "consent.given",
    "consent.withdrawn",
    "consent.settled",
    "erasure.begun",
    "erasure.paused",
    "hold.placed",
    "hold.changed",
    "jobs.pruned",
    "ledger.resealed",
    "privacy.asked",
    "privacy.moved",
    "privacy.extended",
    "withdrawal.waived",
    "withdrawal.stated",
    "withdrawal.confirmed",
)

admin_audit_events = Table(
    id="admin_audit_events",
    title="Audit trail",
    description="Who did what to which row, and with which outcome. Holds only ids, codes and counts. Append-only.",
    loss="After a mistake nobody could tell what was done, by whom and in which order.",
    columns=(
        number(erase=KEEP),
        operational(
            "actor_kind",
            "text",
            "Kind of actor.",
            erase=KEEP,
            allowed=("subject", "operator", "server", "worker", "system"),
            closed_by="line_is_of_codes",
        ),
        operational(
            "actor_id",
            "text",
            "Code of the actor: for a person the code from audit_codes. Null when the actor is not named.",
            erase=KEEP,
            nullable=True,
            closed_by="line_is_of_codes",
        ),
        operational(
            "action",
            "text",
            "What was done, as noun.verb, such as consent.given.",
            erase=KEEP,
            closed_by="line_is_of_codes",
        ),
        operational(
            "object_table", "text", "Table of the row that was acted on.", erase=KEEP, closed_by="line_is_of_codes"
        ),
        operational("object_id", "text", "Key of the row that was acted on.", erase=KEEP, closed_by="line_is_of_codes"),
        operational(
            "outcome",
            "text",
            "Outcome of the action.",
            erase=KEEP,
            allowed=("done", "refused", "failed"),
            closed_by="line_is_of_codes",
        ),
        operational(
            "details",
            "jsonb",
            "Further facts as a flat JSON object of numbers, booleans and short codes.",
            erase=KEEP,
            default="'{}'",
            closed_by="details_are_operational",
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
            "line_is_of_codes",
            "wall.is_audit_line(actor_kind, action, object_table, object_id, outcome, actor_id)",
            "A line has a listed actor and outcome. The rest is codes and ids, and no sentence, name or address.",
        ),
        check(
            "details_are_operational",
            "wall.is_operational(details)",
            "The details hold only numbers, booleans and short codes.",
        ),
    ),
    indexes=(index("admin_audit_events_object", "object_table", "object_id", serves="Finds the lines about a row."),),
    grants=(
        server(SELECT, why="The site's server shows the audit trail to operators."),
        Grant(
            role=service_role,
            commands=(INSERT,),
            columns=("actor_kind", "actor_id", "action", "object_table", "object_id", "outcome", "details"),
            why="The site's server adds lines; it cannot set their date or change them.",
        ),
    ),
    triggers=(
        before(
            "admin_audit_events_a_stamp",
            "insert",
            stamp_audit_event,
            "Sets the number, date and digest of a new line, and replaces a person's id with their code.",
        ),
        before(
            "admin_audit_events_reserved",
            "insert",
            guard_audit_action,
            "Only the database records its own actions.",
            *RESERVED_ACTIONS,
            when="current_user <> 'postgres'",  # the owner of the table on Supabase; the function checks every other role
        ),
        before("admin_audit_events_keep", "update", refuse_change, "The audit trail is append-only."),
    ),
    source="product",
)

# The append-only tables: numbered and digested by their stamp, chained by seal_ledgers and anchored outside.
LEDGERS = (consent_events, admin_audit_events)

ledger_seals = Table(
    id="ledger_seals",
    title="Ledger seals",
    description="A hash chain over both ledgers. seal_ledgers adds the links after commit, so that writers do not wait for each other.",
    loss="Nobody would notice a changed, removed or inserted ledger row.",
    columns=(
        number(erase=KEEP),
        operational("ledger", "text", "The ledger.", erase=KEEP, allowed=ids(LEDGERS)),
        operational(
            "position",
            "bigint",
            "Place of the link in its ledger's chain, from 1 and without gaps; set by the database.",
            erase=KEEP,
        ),
        operational("row_id", "bigint", "The id of the ledger row.", erase=KEEP),
        operational("row_hash", "bytea", "Digest of that row when the link was made.", erase=KEEP),
        operational(
            "chain_hash",
            "bytea",
            "SHA-256 over this link and the one before it. Anchors keep the newest one outside the database.",
            erase=KEEP,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    indexes=(
        unique(
            "ledger_seals_row",
            "ledger",
            "row_id",
            serves="Finds out whether a ledger row is in the chain. Each row has one link.",
        ),
        unique("ledger_seals_position", "ledger", "position", serves="Reads the chain in order, from either end."),
    ),
    grants=(server(SELECT, why="The site's server reads the newest link to anchor it outside the database."),),
    triggers=(
        before(
            "ledger_seals_link",
            "insert",
            link_seal,
            "The database sets the place, digest and date of each link.",
        ),
        before(
            "ledger_seals_keep",
            "update",
            refuse_change,
            "A link of the chain never changes.",
        ),
    ),
    quotes_no_text="The database makes each link itself.",
    source="product",
)
