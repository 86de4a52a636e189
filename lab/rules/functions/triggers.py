"""The trigger functions: each holds one law against every role."""

from lab.rules.words import trigger_function

refuse_change = trigger_function(
    "refuse_change",
    "Written rows never change, for every role, also the owner of the table.",
)

refuse_removal = trigger_function(
    "refuse_removal",
    "No row is deleted by hand and no table is emptied: a row goes only with its person, by their own request.",
)

refuse_rewrite = trigger_function("refuse_rewrite", "Keys of a row never change.")

refuse_value = trigger_function(
    "refuse_value",
    "A value is set in its states alone, stays as it was written, and a number that grows never shrinks.",
)

refuse_future = trigger_function(
    "refuse_future", "A moment that has come lies neither ahead of the database's clock nor before its own row."
)

refuse_illegal_move = trigger_function("refuse_illegal_move", "States change only as the rules allow, for every role.")

refuse_withdrawn = trigger_function("refuse_withdrawn", "No card opens on an artifact that was withdrawn.")

close_cards = trigger_function("close_cards", "A withdrawn artifact is shown by no card any more.")

require_consent = trigger_function(
    "require_consent", "The row is refused unless the person has given the consent it rests on."
)

require_job_consents = trigger_function(
    "require_job_consents", "A job joins the queue only while every consent it needs stands."
)

require_consent_at_commit = trigger_function(
    "require_consent_at_commit",
    "The consent is checked again at commit, so that a withdrawal in between is noticed.",
)

settle_job_at_commit = trigger_function(
    "settle_job_at_commit",
    "A job whose consents changed before it was committed waits, joins the queue or is cancelled, and none fails for it.",
)

take_terms = trigger_function(
    "take_terms", "What a row says of price, currency and mode is what the row that it points at says."
)

require_offer = trigger_function(
    "require_offer", "A purchase begins at a link that can be bought, of a product that can."
)

audit_change = trigger_function("audit_change", "The change writes a line of the audit trail.")

require_account = trigger_function(
    "require_account",
    "A Passport belongs to somebody who can come back: an anonymous sign-in cannot keep one.",
)

require_own = trigger_function(
    "require_own",
    "What a row is made of belongs to the same person: nobody's reading ends up in another's hands.",
    derived=True,
)

bind_gift = trigger_function(
    "bind_gift", "Ties an invitation to the entry of the ledger that allowed it: one consent is one recipient."
)

guard_gift = trigger_function(
    "guard_gift",
    "An invitation is accepted by its recipient alone, its address is never swapped, and what was taken back stays so.",
)

keep_accepted_gift = trigger_function(
    "keep_accepted_gift",
    "A gift that was accepted is its recipient's: it is not taken back, and its file is not swapped.",
)

stamp_consent_event = trigger_function(
    "stamp_consent_event",
    "Copies the wording's version and hash into the ledger, digests what erasure may later remove, and numbers, dates and "
    "digests the entry by the database's own hand, whoever writes it.",
    stable_text=True,
    derived=True,
)

stamp_audit_event = trigger_function(
    "stamp_audit_event",
    "Names a person by a code, so that the line leads nowhere once the person is erased, and numbers, dates and digests "
    "the line by the database's own hand, whoever writes it.",
    stable_text=True,
    derived=True,
)

STAMPS = (stamp_consent_event, stamp_audit_event)  # what makes a table a ledger

link_seal = trigger_function(
    "link_seal",
    "Makes a link of the chain from the ledger's own row: a link that is sent ready-made counts for nothing.",
    derived=True,
)

stamp_notice = trigger_function(
    "stamp_notice", "Hashes the wording that is shown, so that it can be proved word for word."
)

derive_consent = trigger_function(
    "derive_consent",
    "Derives the current state from the ledger; a withdrawal cancels queued jobs and closes cards at once.",
)

settle_consent_at_commit = trigger_function(
    "settle_consent_at_commit",
    "Settles a decision once more as it is committed, with what others have committed meanwhile.",
)

guard_consent_state = trigger_function("guard_consent_state", "The current state may only say what the ledger says.")

guard_ai_run = trigger_function(
    "guard_ai_run",
    "An AI's words are written once and within their lease, never changed, and taken over only as the rules allow.",
)

seal_row = trigger_function(
    "seal_row", "Seals a row when it is sealed, and refuses every change from then on.", stable_text=True
)

refuse_erased = trigger_function(
    "refuse_erased",
    "Nothing is written for an erased person, also by a late worker or an old token.",
    derived=True,
)

list_stored_file = trigger_function(
    "list_stored_file",
    "A file whose path a row gives up is listed to be deleted, and the path of a listed file is taken by no row.",
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

guard_audit_action = trigger_function(
    "guard_audit_action",
    "Lines about what the database alone does are written by its own functions, and by no login.",
).model_copy(update={"definer": False})

guard_erasure = trigger_function(
    "guard_erasure", "A tombstone rests on a running request; what it says of transactions is the database's own."
)

check_erasure = trigger_function(
    "check_erasure", "An erasure that would leave something of its person behind is refused as it commits."
)

TRIGGERS = (
    refuse_change,
    refuse_removal,
    refuse_rewrite,
    refuse_value,
    refuse_future,
    refuse_illegal_move,
    refuse_withdrawn,
    close_cards,
    require_consent,
    require_job_consents,
    require_consent_at_commit,
    settle_job_at_commit,
    take_terms,
    require_offer,
    audit_change,
    require_account,
    require_own,
    bind_gift,
    guard_gift,
    keep_accepted_gift,
    stamp_consent_event,
    stamp_audit_event,
    link_seal,
    stamp_notice,
    derive_consent,
    settle_consent_at_commit,
    guard_consent_state,
    guard_ai_run,
    seal_row,
    refuse_erased,
    list_stored_file,
    stamp_privacy_request,
    guard_privacy_request,
    audit_privacy_request,
    audit_legal_hold,
    guard_audit_action,
    guard_erasure,
    check_erasure,
)
