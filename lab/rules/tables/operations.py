"""The audit trail, the codes that stand for people in it, and the chain that makes both ledgers tamper-evident."""

from lab.rules.functions.triggers import (
    guard_audit_action,
    link_seal,
    refuse_change,
    stamp_audit_event,
)
from lab.rules.model import Grant, Table
from lab.rules.roles import service_role
from lab.rules.tables.consent import consent_events
from lab.rules.words import (
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

audit_codes = Table(
    id="audit_codes",
    title="Audit codes",
    description="The random code that stands for a person in the audit trail; deleted when the person is erased.",
    loss="The audit trail would keep people's ids forever, or could not tell operators apart.",
    columns=(
        key(erase=ROW),
        subject(
            "The person that the code, which is the key of this row, stands for.", erase=ROW, fixed=True, internal=True
        ),
        created(erase=ROW),
    ),
    primary_key=("id",),
    indexes=(
        unique("audit_codes_subject", "subject_id", serves="The code of a person, asked for by lines about them."),
    ),
    source="GDPR article 4(5) on pseudonymization",
)

# Written by erasure for each entry that it blanks; an entry without a person and without this line was tampered with.
BLANKED = "consent.blanked"
ERASED = "subject.erased"  # its digest is the proof of a deletion request
# What the database alone can say, because it alone does it.
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
    "ledger.resealed",
    "privacy.asked",
    "privacy.moved",
    "privacy.extended",
)

admin_audit_events = Table(
    id="admin_audit_events",
    title="Audit trail",
    description="Who did what to which thing, and how it ended. Ids, codes and counts only; only ever added to.",
    loss="After a mistake it would be unknown what was done, by whom, and in which order.",
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
            "actor_id", "text", "Opaque id of the actor.", erase=KEEP, nullable=True, closed_by="line_is_of_codes"
        ),
        operational("action", "text", "What was done, as noun.verb.", erase=KEEP, closed_by="line_is_of_codes"),
        operational("object_table", "text", "Table of the object.", erase=KEEP, closed_by="line_is_of_codes"),
        operational("object_id", "text", "Key of the object.", erase=KEEP, closed_by="line_is_of_codes"),
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
        check(
            "line_is_of_codes",
            "wall.names_line(action, object_table, object_id, actor_id)",
            "A code and ids, never a sentence, a name or an address.",
        ),
        check("details_are_operational", "wall.is_operational(details)", "Numbers and short codes only."),
    ),
    indexes=(index("admin_audit_events_object", "object_table", "object_id", serves="What was done to a thing."),),
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
        before(
            "admin_audit_events_a_stamp",
            "insert",
            stamp_audit_event,
            "Numbers, dates and digests the line, which names a person by their code and never by their id.",
        ),
        before(
            "admin_audit_events_reserved",
            "insert",
            guard_audit_action,
            "Only the database records its own actions.",
            *RESERVED_ACTIONS,
            when="current_user <> 'postgres'",  # who owns the table on Supabase; the function asks whoever else it is
        ),
        before("admin_audit_events_keep", "update", refuse_change, "The trail is only ever added to."),
    ),
    source="product",
)

# What is only ever added to, numbered and digested by its stamp, chained by seal_ledgers and anchored outside.
LEDGERS = (consent_events, admin_audit_events)

ledger_seals = Table(
    id="ledger_seals",
    title="Ledger seals",
    description="A hash chain over both ledgers, written afterwards, so that writers do not wait for each other.",
    loss="A changed, removed or inserted row of a ledger would not be noticed.",
    columns=(
        number(erase=KEEP),
        operational("ledger", "text", "Which ledger.", erase=KEEP, allowed=ids(LEDGERS)),
        operational("position", "bigint", "Place in the chain, without gaps; set by the database.", erase=KEEP),
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
    primary_key=("id",),
    indexes=(
        unique("ledger_seals_row", "ledger", "row_id", serves="Whether a row is sealed; each is sealed once."),
        unique(
            "ledger_seals_position", "ledger", "position", serves="Walking the chain from its end or its beginning."
        ),
    ),
    grants=(server(SELECT, why="The site's server anchors the last link outside the database."),),
    triggers=(
        before(
            "ledger_seals_link",
            "insert",
            link_seal,
            "Place, digest and date of a link are the database's own, whoever writes it and whatever was sent.",
        ),
        before(
            "ledger_seals_keep",
            "update",
            refuse_change,
            "A link of the chain never changes.",
        ),
    ),
    quotes_no_text="The database itself makes each link.",
    source="product",
)
