"""The trigger functions: each enforces one rule for every role."""

from lab.rules.function_constructors import trigger_function

refuse_change = trigger_function(
    "refuse_change",
    "Refuses every UPDATE, for every role and for the table's owner. An erasure may set certain columns to null.",
)

refuse_removal = trigger_function(
    "refuse_removal",
    "Refuses DELETE and TRUNCATE for every role. Rows go only with the erasure of their person, or once a record stands for them.",
)

refuse_rewrite = trigger_function(
    "refuse_rewrite", "Refuses changes of columns that are fixed once the row is written."
)

refuse_value = trigger_function(
    "refuse_value",
    "Refuses a value that is set in the wrong state, changes after it was set, or decreases.",
)

refuse_future = trigger_function("refuse_future", "Refuses times that are in the future or before the row was created.")

refuse_illegal_move = trigger_function(
    "refuse_illegal_move", "Refuses changes of state that the rules do not list, for every role."
)

refuse_withdrawn = trigger_function("refuse_withdrawn", "Refuses an open card for a withdrawn artifact.")

close_cards = trigger_function("close_cards", "Closes the cards of a withdrawn artifact.")

require_open_card = trigger_function("require_open_card", "Refuses a share-card's picture unless its card is open.")

remove_card_picture = trigger_function(
    "remove_card_picture", "Removes the picture of a closed card from its artifact, which lists the file for deletion."
)

require_consent = trigger_function("require_consent", "Refuses a row unless the person's consent for it is valid.")

require_job_consents = trigger_function(
    "require_job_consents", "Refuses a queued job unless every consent that it needs is valid."
)

require_consent_at_commit = trigger_function(
    "require_consent_at_commit",
    "Checks the consent again at commit, so that a withdrawal in between is noticed.",
)

settle_job_at_commit = trigger_function(
    "settle_job_at_commit",
    "At commit, queues, holds back or cancels a job whose consents changed. The transaction does not fail.",
)

show_begun_message = trigger_function(
    "show_begun_message",
    "Makes a job that leaves the queue a dead letter, if its message was begun and has no result.",
)

wake_workers = trigger_function("wake_workers", "Notifies sleeping workers that something was queued.")

judge_intent_at_commit = trigger_function(
    "judge_intent_at_commit",
    "At commit, refuses an intent to send a message whose consents were withdrawn meanwhile.",
)

copy_terms = trigger_function(
    "copy_terms", "Copies price, currency and mode from the row that is referred to, and refuses other values."
)

require_offer = trigger_function("require_offer", "Refuses a purchase whose link or product is not for sale.")

fill_expected = trigger_function(
    "fill_expected", "Fills in the amount that a purchase expects: the price of one piece by the number of pieces."
)

fill_received = trigger_function(
    "fill_received", "Fills in the amount of a payment whose amount is not given: the expected one."
)

refunds_add_up = trigger_function(
    "refunds_add_up", "Refuses a sum of refunds that differs from the purchase's refunds."
)

return_taken = trigger_function(
    "return_taken", "Gives back what a refund or a dispute took back, because the purchase is unlocked again."
)

apply_refund = trigger_function(
    "apply_refund",
    "Applies a refund to its purchase at once: a full refund locks it, and a failed one unlocks it again.",
)

apply_dispute = trigger_function(
    "apply_dispute",
    "Applies a dispute to its purchase at once: an open or lost one locks it, and a won one unlocks it again.",
)

audit_change = trigger_function("audit_change", "Writes a line of the audit trail for the change.")

require_account = trigger_function(
    "require_account",
    "Refuses a Passport record for an anonymous account.",
)

require_own = trigger_function(
    "require_own",
    "Refuses a row that refers to rows of another person.",
    derived=True,
)

bind_gift = trigger_function(
    "bind_gift", "Ties a new invitation to the ledger entry that allows it. One consent allows one invitation."
)

guard_gift = trigger_function(
    "guard_gift",
    "Allows only the recipient to accept, and refuses to change the address or to reopen a withdrawn invitation.",
)

keep_accepted_gift = trigger_function(
    "keep_accepted_gift",
    "Refuses to withdraw an accepted gift or to replace its file.",
)

stamp_consent_event = trigger_function(
    "stamp_consent_event",
    "Sets the number, date and digests of a new ledger entry, and copies the version, hash and language of its wording.",
    stable_text=True,
    derived=True,
)

stamp_audit_event = trigger_function(
    "stamp_audit_event",
    "Sets the number, date and digest of a new audit line, and replaces a person's id with their code.",
    stable_text=True,
    derived=True,
)

STAMPS = (stamp_consent_event, stamp_audit_event)  # a table with one of these is a ledger

link_seal = trigger_function(
    "link_seal",
    "Computes a new link of the hash chain from the ledger row, and ignores the values that were sent.",
    derived=True,
)

stamp_notice = trigger_function("stamp_notice", "Computes the hash of a new wording, so that it can be proved.")

derive_consent = trigger_function(
    "derive_consent",
    "Applies a new ledger entry at once: updates the current consent and, after a withdrawal, cancels jobs and closes cards.",
)

settle_consent_at_commit = trigger_function(
    "settle_consent_at_commit",
    "At commit, applies a decision to rows that other transactions committed meanwhile.",
)

guard_consent_state = trigger_function(
    "guard_consent_state", "Refuses a current consent that differs from the newest ledger entry."
)

guard_ai_run = trigger_function(
    "guard_ai_run",
    "Allows an AI's output to be written once and during the lease, and adopted only if the rules allow it.",
)

seal_row = trigger_function(
    "seal_row", "Computes the seal when sealed_at is set, and refuses every later change.", stable_text=True
)

list_stored_file = trigger_function(
    "list_stored_file",
    "Lists a file for deletion when its row no longer refers to it, and refuses the path of a listed file in a row.",
)

stamp_privacy_request = trigger_function("stamp_privacy_request", "Sets the dates of a new privacy request.")

guard_privacy_request = trigger_function(
    "guard_privacy_request",
    "Allows one extension of a deadline, before it has passed. Refuses to close a request with open steps.",
)

audit_privacy_request = trigger_function(
    "audit_privacy_request",
    "Writes a line of the audit trail for a new privacy request and each change of its state or deadline.",
)

audit_legal_hold = trigger_function(
    "audit_legal_hold", "Writes a line of the audit trail for a new legal hold and each change of it."
)

make_file_again = trigger_function(
    "make_file_again", "Queues the file of an artifact that is given back after its file was deleted."
)

guard_delivery_record = trigger_function(
    "guard_delivery_record", "Refuses the record of a job that must stay, and copies the job's key and end."
)

refuse_pruned_delivery = trigger_function(
    "refuse_pruned_delivery", "Refuses a job whose key a pruned job had, so that nothing is delivered once more."
)

guard_audit_action = trigger_function(
    "guard_audit_action",
    "Refuses audit lines with a reserved action, unless the database's own functions write them.",
).model_copy(update={"definer": False})

guard_erasure = trigger_function(
    "guard_erasure", "Refuses a tombstone without a running deletion request, and sets its transaction ids."
)

check_erasure = trigger_function("check_erasure", "At commit, refuses an erasure that leaves data of its person.")

TRIGGERS = (
    refuse_change,
    refuse_removal,
    refuse_rewrite,
    refuse_value,
    refuse_future,
    refuse_illegal_move,
    refuse_withdrawn,
    close_cards,
    require_open_card,
    remove_card_picture,
    require_consent,
    require_job_consents,
    require_consent_at_commit,
    settle_job_at_commit,
    show_begun_message,
    wake_workers,
    make_file_again,
    guard_delivery_record,
    refuse_pruned_delivery,
    judge_intent_at_commit,
    copy_terms,
    require_offer,
    fill_expected,
    fill_received,
    refunds_add_up,
    return_taken,
    apply_refund,
    apply_dispute,
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
    list_stored_file,
    stamp_privacy_request,
    guard_privacy_request,
    audit_privacy_request,
    audit_legal_hold,
    guard_audit_action,
    guard_erasure,
    check_erasure,
)
