"""The trigger functions: each holds one law against every role."""

from lab.rules.words import trigger_function

refuse_change = trigger_function(
    "refuse_change",
    "Append-only means that no role changes or removes a row, the owner of the table included.",
)

refuse_rewrite = trigger_function(
    "refuse_rewrite", "What identifies a row never changes; a different thing is a different row."
)

refuse_value = trigger_function(
    "refuse_value",
    "A value is set in its states alone, stays as it was written, and a number that grows never shrinks.",
)

refuse_future = trigger_function(
    "refuse_future", "A moment that has come lies neither ahead of the database's clock nor before its own row."
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

take_terms = trigger_function(
    "take_terms", "What a row says of price, currency and mode is what the row that it points at says."
)

require_offer = trigger_function(
    "require_offer", "A purchase begins at a link that can be bought, of a product that can."
)

audit_change = trigger_function(
    "audit_change", "A change that must not be silent writes its own line of the audit trail."
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

guard_ai_run = trigger_function(
    "guard_ai_run",
    "An AI's words are written once and within their lease, never changed, and taken over only as the rules allow.",
)

seal_row = trigger_function(
    "seal_row", "Seals a row when it is sealed, and refuses every change from then on.", stable_text=True
)

TRIGGERS = (
    refuse_change,
    refuse_rewrite,
    refuse_value,
    refuse_future,
    refuse_illegal_move,
    refuse_private_text,
    require_consent,
    require_job_consents,
    take_terms,
    require_offer,
    audit_change,
    require_account,
    require_own,
    stamp_consent_event,
    stamp_ledger,
    stamp_notice,
    derive_consent,
    guard_consent_state,
    guard_ai_run,
    seal_row,
)
