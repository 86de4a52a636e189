"""The right of withdrawal: waivers before the payment, withdrawals after it, and what the buyer was given in writing.

An erasure keeps each row without its person. It is the proof that the shop owes against a claim, and names no person.
Source: GDPR article 17(3)(b) and (e).
"""

from lab.rules.constructors import (
    KEEP,
    NULL,
    SELECT,
    after,
    before,
    created,
    financial,
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
from lab.rules.functions.triggers import refuse_change
from lab.rules.functions.withdrawal import (
    apply_withdrawal,
    audit_withdrawal,
    guard_waiver,
    guard_withdrawal,
    write_document,
)
from lab.rules.model import Table
from lab.rules.tables.consent import consent_notices
from lab.rules.tables.payments import purchases

_WHO = "The buyer. Null for a guest, and after the buyer's erasure."
_READS = server(SELECT, why="The site's server shows buyers what they agreed to and were given.")

withdrawal_waivers = Table(
    id="withdrawal_waivers",
    title="Withdrawal waivers",
    description="Buyers who want their purchase at once and give up the right of withdrawal, with the wording that they "
    "agreed to. Append-only.",
    loss="The waiver could not be proved, so a buyer who used everything could still withdraw.",
    columns=(
        key(erase=KEEP),
        ref("purchase_id", purchases, "The purchase.", erase=KEEP, fixed=True),
        subject("The buyer. Null after their erasure.", erase=NULL, nullable=True),
        ref("notice_id", consent_notices, "The wording that the buyer agreed to.", erase=KEEP, fixed=True),
        operational(
            "wording_sha256",
            "bytea",
            "SHA-256 of that wording, copied by the database.",
            erase=KEEP,
            fixed=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    indexes=(
        unique("withdrawal_waivers_purchase", "purchase_id", serves="A purchase has one waiver."),
        index("withdrawal_waivers_subject", "subject_id", serves="Finds a person's waivers."),
        index("withdrawal_waivers_notice", "notice_id", serves="Finds the waivers that agreed to a wording."),
    ),
    policies=(owner_reads("withdrawal_waivers"),),
    grants=(owner_select(), _READS),
    triggers=(
        before(
            "withdrawal_waivers_guard", "insert", guard_waiver, "A waiver is the buyer's, and precedes the payment."
        ),
        before(
            "withdrawal_waivers_keep",
            "update",
            refuse_change,
            "A waiver never changes. Only an erasure may take the person out.",
            "subject_id",
        ),
        after(
            "withdrawal_waivers_audit",
            "insert",
            audit_withdrawal,
            "A waiver writes a line of the audit trail.",
            "withdrawal.waived",
        ),
    ),
    source="Directive 2011/83/EU, article 16(m)",
)

withdrawals = Table(
    id="withdrawals",
    title="Withdrawals",
    description="Withdrawals from purchases, in two steps: the buyer states it, and then confirms it.",
    loss="A buyer's withdrawal could get lost, and the shop could not show when it arrived.",
    columns=(
        key(erase=KEEP),
        ref("purchase_id", purchases, "The purchase.", erase=KEEP, fixed=True),
        subject(_WHO, erase=NULL, nullable=True),
        operational(
            "status",
            "text",
            "Step of the withdrawal.",
            erase=KEEP,
            default="'stated'",
            allowed=("stated", "confirmed"),
            starts=("stated",),
            moves=(("stated", "confirmed"),),
        ),
        stamp(
            "confirmed_at",
            "When the buyer confirmed it, set by the database. Null until then.",
            erase=KEEP,
            needed_in=("confirmed",),
            only_in=("confirmed",),
            once=True,
            past=True,
        ),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    indexes=(
        unique("withdrawals_purchase", "purchase_id", serves="A purchase is withdrawn from once."),
        index("withdrawals_subject", "subject_id", serves="Finds a person's withdrawals."),
        index(
            "withdrawals_confirmed",
            "confirmed_at",
            serves="Finds confirmed withdrawals, which need an acknowledgement and a refund.",
            where="status = 'confirmed'",
        ),
    ),
    policies=(owner_reads("withdrawals"),),
    grants=(owner_select(), _READS),
    triggers=(
        before(
            "withdrawals_within_window",
            "insert or update",
            guard_withdrawal,
            "Only the buyer withdraws, during the window and without a confirmed waiver.",
            of=("status",),
        ),
        after(
            "withdrawals_stated",
            "insert",
            audit_withdrawal,
            "The first step writes a line of the audit trail.",
            "withdrawal.stated",
        ),
        after(
            "withdrawals_confirmed_audit",
            "update",
            audit_withdrawal,
            "The second step writes a line of the audit trail.",
            "withdrawal.confirmed",
            of=("status",),
            when="old.status <> new.status",
        ),
        after(
            "withdrawals_apply",
            "update",
            apply_withdrawal,
            "The second step gives the buyer an acknowledgement and asks a person for the refund.",
            of=("status",),
            when="old.status <> new.status",
        ),
    ),
    source="Directive 2011/83/EU, article 11a",
)

withdrawal_documents = Table(
    id="withdrawal_documents",
    title="Withdrawal documents",
    description="What buyers were given to keep: confirmations of waivers and acknowledgements of withdrawals, to the "
    "letter and with their hash. Append-only.",
    loss="The shop could not prove that a buyer got the confirmation without which a waiver has no effect.",
    columns=(
        key(erase=KEEP),
        ref("purchase_id", purchases, "The purchase.", erase=KEEP, fixed=True),
        subject(_WHO, erase=NULL, nullable=True),
        operational(
            "kind",
            "text",
            "The confirmation of a waiver, or the acknowledgement of a withdrawal.",
            erase=KEEP,
            allowed=("waiver", "withdrawal"),
            fixed=True,
        ),
        ref("notice_id", consent_notices, "The wording that it is written from.", erase=KEEP, fixed=True),
        financial(
            "body",
            "text",
            "The whole text, written by the database. It names the purchase, and no person.",
            erase=KEEP,
            set_by="withdrawal_documents_write",
        ),
        operational("body_sha256", "bytea", "SHA-256 of the text, computed by the database.", erase=KEEP, fixed=True),
        created(erase=KEEP),
    ),
    primary_key=("id",),
    indexes=(
        unique(
            "withdrawal_documents_purchase", "purchase_id", "kind", serves="A purchase has one document of each kind."
        ),
        index("withdrawal_documents_subject", "subject_id", serves="Finds a person's documents."),
        index(
            "withdrawal_documents_notice", "notice_id", serves="Finds the documents that are written from a wording."
        ),
    ),
    policies=(owner_reads("withdrawal_documents"),),
    grants=(owner_select(), _READS),
    triggers=(
        before(
            "withdrawal_documents_write",
            "insert",
            write_document,
            "The database alone writes the text, from the purchase and the approved wording.",
        ),
        before(
            "withdrawal_documents_keep",
            "update",
            refuse_change,
            "A document never changes. Only an erasure may take the person out.",
            "subject_id",
        ),
    ),
    source="Directive 2011/83/EU, articles 8(7) and 11a(4)",
)
