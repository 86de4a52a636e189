"""The trigger functions: each holds one law against every role."""

from lab.rules.words import trigger_function

refuse_change = trigger_function(
    "refuse_change",
    "Append-only means that no role changes or removes a row, the owner of the table included.",
)

refuse_rewrite = trigger_function(
    "refuse_rewrite", "What identifies a row never changes; a different thing is a different row."
)

refuse_illegal_move = trigger_function(
    "refuse_illegal_move", "A state only moves the way its rules allow, whoever writes it."
)

refuse_private_text = trigger_function(
    "refuse_private_text", "A share-card that repeats the question, or a good part of it, is refused."
)

require_consent = trigger_function(
    "require_consent", "The row is refused unless the person has given the consent it rests on."
)

require_job_consents = trigger_function(
    "require_job_consents", "A job joins the queue only while every consent it needs stands."
)

require_account = trigger_function(
    "require_account",
    "A Passport belongs to somebody who can come back: an anonymous sign-in cannot keep one.",
)

require_own = trigger_function(
    "require_own", "What a row is made of belongs to the same person: nobody's reading ends up in another's hands."
)

stamp_consent_event = trigger_function(
    "stamp_consent_event",
    "Copies the wording's version and hash into the ledger, and digests what erasure may later remove.",
    stable_text=True,
)

stamp_ledger = trigger_function(
    "stamp_ledger", "Dates and digests a ledger row by the database's own clock and hand.", stable_text=True
)

stamp_notice = trigger_function(
    "stamp_notice", "Hashes the wording that is shown, so that it can be proved word for word."
)

derive_consent = trigger_function(
    "derive_consent",
    "Derives the current state from the ledger; a withdrawal cancels queued jobs and closes cards at once.",
)

guard_consent_state = trigger_function("guard_consent_state", "The current state may only say what the ledger says.")

seal_row = trigger_function(
    "seal_row", "Seals a row when it is sealed, and refuses every change from then on.", stable_text=True
)

refuse_erased = trigger_function(
    "refuse_erased",
    "Nothing is written for an erased person: no late worker and no old token brings them back.",
    derived=True,
)

stamp_privacy_request = trigger_function(
    "stamp_privacy_request", "The dates of a request are the database's own, whatever was sent."
)

guard_privacy_request = trigger_function(
    "guard_privacy_request", "A deadline moves once, in time and with a reason; done means that nothing is left to do."
)

audit_privacy_request = trigger_function(
    "audit_privacy_request", "Each request and each move of it leaves a line in the audit trail, whoever makes it."
)

audit_legal_hold = trigger_function(
    "audit_legal_hold", "A hold, and each change of it, leaves a line in the audit trail."
)

code_audit_people = trigger_function(
    "code_audit_people", "An audit line names a person by a code, so that it leads nowhere once the person is erased."
)

guard_erasure = trigger_function(
    "guard_erasure", "A tombstone rests on a running request; what it says of transactions is the database's own."
)

check_erasure = trigger_function(
    "check_erasure", "An erasure that would leave something of its person behind is refused as it commits."
)

TRIGGERS = (
    refuse_change,
    refuse_rewrite,
    refuse_illegal_move,
    refuse_private_text,
    require_consent,
    require_job_consents,
    require_account,
    require_own,
    stamp_consent_event,
    stamp_ledger,
    stamp_notice,
    derive_consent,
    guard_consent_state,
    seal_row,
    refuse_erased,
    stamp_privacy_request,
    guard_privacy_request,
    audit_privacy_request,
    audit_legal_hold,
    code_audit_people,
    guard_erasure,
    check_erasure,
)
