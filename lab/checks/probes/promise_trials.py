"""The trials of the promises: statements that try to break each one, as the site's server and as the tables' owner."""

from lab.checks.probes.attempts import LOGIN
from lab.checks.probes.trial import PromiseTrials, Refused, Trial
from lab.rules import RULES, promises

SERVER = "server"
BOTH = (SERVER, LOGIN)

# Made-up rows that a trial needs, by their block in people.sql.
_SCROLL = ("public.oracle_scrolls",)
_SEALED = ("public.oracle_scrolls, sealed", "public.passport_records")
_CARDS = ("public.share_cards",)
_GIFTS = ("public.gift_recipients",)
_RUNS = ("public.ai_runs",)
_JOBS = ("public.delivery_jobs",)
_REQUESTS = ("public.privacy_requests", "public.privacy_request_steps", "public.storage_deletions")
_DELIVERED = ("public.consents", "public.oracle_artifacts", "public.purchases", "public.echo_entries")
_OFFER = ("public.purchase_links", "public.oracle_scrolls")
_LEDGER = ("public.consent_events", "public.admin_audit_events")

_ENQUEUE = "public.enqueue_delivery_job(text, uuid, uuid, uuid, uuid, integer, timestamptz)"
_RECORD_EVENT = "public.record_stripe_event(text, text, timestamptz, boolean, jsonb, text, text, text)"
_SHOWN = [
    {"title": "The Tower", "symbol": "tower", "palette": "dusk", "one_line": "Something falls, and light comes in."}
]

_REQUEST, _JOB, _PURCHASE = "public.privacy_requests", "public.delivery_jobs", "public.purchases"
_LEASED = ((LOGIN, "lease_job"),)
_RUNNING = ((SERVER, "verify_request"), (SERVER, "run_request"))
_PAID = ((SERVER, "open_purchase"), (SERVER, "pay_purchase"))
_ENQUEUED = sum(len(job.legs) for job in RULES.jobs)

# Each names its statements in sql/probes/promises, in the file of its promise.
# fmt: off
TRIALS = (
    PromiseTrials(promises.passport_waits_for_consent, (
        Trial(BOTH, "write_passport", Refused("require_consent")),
        Trial((LOGIN,), "write_passport", Refused("require_consent"), first=((LOGIN, "rest_triggers"),), optional=True,
              act="insert in a replica session"),
        Trial(BOTH, "write_guest_passport", Refused("require_account")),
    )),
    PromiseTrials(promises.email_waits_for_consent, (
        Trial((SERVER,), "queue_email", Refused("require_job_consents"), act="insert of an e-mail"),
        Trial((LOGIN,), "queue_email_by_hand", Refused("require_job_consents")),
        Trial((SERVER,), "queue_email_by_hand", Refused(), rule="no grant of insert to service_role"),
        Trial((SERVER,), "queue_gift", Refused("require_job_consents"), act="insert of a gift"),
        Trial((SERVER,), "queue_echo", Refused("require_job_consents"), act="insert of an Echo"),
        Trial((LOGIN,), "read_receipt_legs", ["account pending", "email waiting"], first=((SERVER, "queue_receipt"),),
              subject=_ENQUEUE, rule="enqueue_delivery_job", act="execute"),
        Trial((LOGIN,), "count_pending_emails", [0], first=(("subject_a", "withdraw_email_delivery"),),
              subject="public.consent_events", rule="consent_takes_effect", act="withdrawal",
              needs=(*_LEDGER, *_JOBS)),
    )),
    PromiseTrials(promises.public_share_waits_for_consent, (
        Trial(BOTH, "open_card", Refused("require_consent")),
        Trial(("visitor",), "read_card", [], first=(("subject_a", "withdraw_share"),),
              subject="public.open_share_card(text)", rule="open_share_card", needs=_CARDS),
        Trial(BOTH, "reopen_card", Refused("require_consent"), first=(("subject_a", "withdraw_share"),), needs=_CARDS),
        Trial(("visitor",), "read_card", [], first=((SERVER, "withdraw_artifact"),),
              subject="public.open_share_card(text)", rule="open_share_card", act="execute for a withdrawn artifact",
              needs=_CARDS),
        Trial(BOTH, "reopen_card", Refused("refuse_withdrawn"), first=((SERVER, "withdraw_artifact"),),
              act="update on a withdrawn artifact", needs=_CARDS),
    )),
    PromiseTrials(promises.share_card_shows_safe_fields, (
        Trial(("visitor", "subject_b"), "read_card", _SHOWN, needs=_CARDS),
        Trial(("visitor",), "read_card_by_token", [], act="execute with another link", needs=_CARDS),
        Trial(BOTH, "write_free_text", Refused("share_cards_one_line_fkey", "23503"), subject="public.share_cards",
              needs=_CARDS),
        Trial((SERVER,), "add_phrase", Refused(), subject="public.card_phrases",
              rule="no grant of insert to service_role", act="insert of a phrase"),
    )),
    PromiseTrials(promises.gift_waits_for_consent, (
        Trial(BOTH, "invite", Refused("require_consent")),
        Trial(("subject_a",), "accept_gift", Refused("accept_gift", "P0002"), subject="public.accept_gift(text)",
              act="execute on a gift of their own", needs=_GIFTS),
        Trial(("subject_a",), "accept_without_link", Refused("accept_gift", "P0002"),
              subject="public.accept_gift(text)", act="execute with no link", needs=_GIFTS),
        Trial(("subject_b",), "accept_gift_of_another", [True], subject="public.accept_gift(text)", rule="accept_gift",
              needs=_GIFTS),
    )),
    PromiseTrials(promises.ai_reads_and_writes_one_run, (
        Trial(BOTH, "begin_run", Refused("require_consent"), subject="public.ai_runs"),
        Trial(("ai",), "write_run", [True], needs=_RUNS),
        Trial(("ai",), "write_run", Refused("write_ai_run"), first=(("ai", "write_run"),), act="second write",
              needs=_RUNS),
        Trial(("ai",), "write_run", Refused("write_ai_run"), first=((LOGIN, "end_lease"),),
              act="write after the lease", needs=_RUNS),
        Trial(("ai",), "write_closed_run", Refused("write_ai_run"), act="write of a closed run", needs=_RUNS),
        Trial(("ai",), "write_run_without_token", Refused("write_ai_run"), act="write without a token", needs=_RUNS),
        Trial(BOTH, "write_run_by_hand", Refused("guard_ai_run"), first=((LOGIN, "end_lease"),),
              subject="public.ai_runs", rule="ai_runs_guard", act="write after the lease", needs=_RUNS),
        Trial(BOTH, "rewrite_run", Refused("refuse_value", "23514"), subject="public.ai_runs", rule="ai_runs_values",
              act="other words", needs=_RUNS),
        Trial(BOTH, "promote_run", Refused("guard_ai_run", "23514"), first=(("ai", "write_link"),),
              subject="public.ai_runs", rule="ai_runs_guard", needs=_RUNS),
        Trial(BOTH, "promote_run_by_hand", Refused("guard_ai_run", "23514"), first=(("ai", "write_link"),),
              subject="public.ai_runs", rule="ai_runs_guard", act="promotion by hand", needs=_RUNS),
        Trial(("ai",), "read_brief", [], subject="ai.briefs", rule="ai.briefs", act="select without a token",
              needs=_RUNS),
        Trial(("ai",), "read_brief", ["${a.canary} question"], first=(("ai", "present_token"),), subject="ai.briefs",
              rule="ai.briefs", needs=(*_RUNS, "public.consents")),
        Trial(("ai",), "read_brief", [], first=(("ai", "present_token"), ("ai", "write_run")),
              subject="ai.briefs", rule="ai.briefs", act="select after the write", needs=_RUNS),
        Trial(("ai",), "read_brief", [], first=(("ai", "present_token"), (LOGIN, "end_lease")), subject="ai.briefs",
              rule="ai.briefs", act="select after the lease", needs=_RUNS),
        Trial((LOGIN,), "read_run_state", ["discarded"], first=(("subject_a", "withdraw_ai_processing"),),
              subject="public.consent_events", rule="consent_takes_effect", act="withdrawal",
              needs=(*_LEDGER, *_RUNS)),
    )),
    PromiseTrials(promises.sealed_never_changes, (
        Trial(BOTH, "change_scroll", Refused("seal_row"), needs=_SCROLL),
        Trial((LOGIN,), "delete_scroll", Refused("refuse_removal"), needs=_SCROLL),
        Trial(BOTH, "change_passport", Refused("seal_row"), subject="public.passport_records", needs=_SEALED),
        Trial((LOGIN,), "delete_passport", Refused("refuse_removal"), subject="public.passport_records",
              needs=_SEALED),
        Trial(("subject_a",), "verify_passport", [True], subject="public.verify_passport_record(uuid)",
              rule="verify_passport_record", needs=(*_SEALED, "public.passport_records, sealed")),
    )),
    PromiseTrials(promises.stripe_counts_once, (
        Trial(BOTH, "repeat_event", Refused("stripe_events_pkey", "23505"), needs=("public.stripe_events",)),
        Trial((SERVER,), "record_event_again", [False], subject=_RECORD_EVENT, rule="record_stripe_event",
              needs=("public.stripe_events",)),
        Trial((SERVER,), "repeat_session", Refused("purchases_checkout_session", "23505"), subject="public.purchases",
              needs=("public.purchases",)),
        Trial(BOTH, "keep_unlisted_payload", Refused("stripe_events_payload_is_listed", "23514")),
    )),
    PromiseTrials(promises.consent_is_decided_by_its_person, (
        Trial(("subject_a",), "withdraw_consent", 1, needs=_LEDGER),
        Trial(("subject_a",), "withdraw_consent_of_b", Refused(), act="insert for customer B"),
        Trial((LOGIN,), "read_consent", [False], first=((LOGIN, "withdraw_consent_of_refuser"),),
              rule="consent_takes_effect", act="withdrawal", needs=_LEDGER),
        Trial(("subject_a",), "request_erasure_of_b", Refused(), subject="public.privacy_requests",
              rule="owner_writes_privacy_requests"),
        Trial((LOGIN,), "change_consents", Refused("guard_consent_state"), subject="public.consents",
              needs=("public.consents",)),
        Trial((LOGIN,), "delete_consents", Refused("guard_consent_state"), subject="public.consents",
              needs=("public.consents",)),
    )),
    PromiseTrials(promises.own_things_only, (
        Trial(BOTH, "write_artifact", Refused("require_own"), first=((LOGIN, "write_scroll"),)),
        Trial(BOTH, "write_echo", Refused("require_own"), subject="public.echo_entries"),
        Trial(BOTH, "write_council_session", Refused("require_own"), subject="public.council_sessions"),
        Trial(BOTH, "write_passport", Refused("require_own"), subject="public.passport_records"),
        Trial(BOTH, "invite", Refused("require_own"), subject="public.gift_recipients"),
        Trial(BOTH, "begin_run", Refused("require_own"), subject="public.ai_runs"),
        Trial((SERVER,), "queue_pdf", Refused("require_own"), subject="public.delivery_jobs", act="insert of a PDF"),
        Trial((LOGIN,), "move_purchase", Refused("require_own"), subject="public.purchases",
              needs=("public.purchases",)),
        Trial((LOGIN,), "waive_purchase", Refused("require_own"), subject="public.withdrawal_waivers",
              needs=("public.purchases",)),
        Trial((LOGIN,), "withdraw_purchase", Refused("require_own"), subject="public.withdrawals",
              needs=("public.purchases",)),
        Trial((LOGIN,), "acknowledge_withdrawal", Refused("require_own"), subject="public.withdrawal_documents",
              needs=("public.purchases",)),
        Trial((SERVER,), "erase_person", Refused("erase_subject"), subject="public.erase_subject(uuid)",
              needs=("public.privacy_requests",)),
    )),
    PromiseTrials(promises.audit_trail_holds_no_text, (
        Trial((LOGIN,), "write_sentence", Refused("admin_audit_events_details_are_operational", "23514")),
    )),
    PromiseTrials(promises.a_worker_needs_its_lease, (
        Trial((SERVER,), "complete_job", [False], subject="public.complete_delivery_job(bigint, uuid)",
              rule="complete_delivery_job", needs=_JOBS),
        Trial((SERVER,), "ask_to_send", [False], subject="public.delivery_address(bigint, uuid)",
              rule="delivery_address", needs=_JOBS),
        Trial((SERVER,), "release_job", [False], subject="public.release_delivery_job(bigint, uuid, integer)",
              rule="release_delivery_job", needs=_JOBS),
    )),
    PromiseTrials(promises.promised_acts_work, (
        Trial(("subject_a",), "give_consents", 6, act="giving of consents", needs=_LEDGER),
        Trial(("subject_a",), "withdraw_consents", 6, act="withdrawal of consents", needs=_LEDGER),
        Trial(("subject_a",), "request_deletion", 1, subject=_REQUEST, act="request of deletion"),
        Trial(("subject_a",), "request_anonymization", 1, subject=_REQUEST, act="request of anonymization"),
        Trial((SERVER,), "answer_request", 1, first=(*_RUNNING, (SERVER, "end_steps"), (SERVER, "end_files")),
              subject=_REQUEST, act="answer of a request", needs=_REQUESTS),
        Trial((SERVER,), "refuse_request", 1, first=_RUNNING[:1], subject=_REQUEST, act="refusal of a request",
              needs=_REQUESTS),
        Trial((SERVER,), "extend_request", 1, subject=_REQUEST, act="extension of a deadline", needs=_REQUESTS),
        Trial((SERVER,), "queue_jobs", _ENQUEUED, subject=_JOB, act="queueing of every job", needs=_DELIVERED),
        Trial((SERVER,), "complete_job", [True], first=_LEASED, subject=_JOB, act="completion of a job", needs=_JOBS),
        Trial((SERVER,), "fail_job", ["pending"], first=_LEASED, subject=_JOB, act="failure of a job", needs=_JOBS),
        Trial((SERVER,), "fail_job_for_good", ["dead"], first=_LEASED, subject=_JOB, act="last failure of a job",
              needs=_JOBS),
        Trial((SERVER,), "open_purchase", 1, subject=_PURCHASE, act="beginning of a purchase", needs=_OFFER),
        Trial((SERVER,), "pay_purchase", 1, first=_PAID[:1], subject=_PURCHASE, act="payment", needs=_OFFER),
        Trial((SERVER,), "unlock_purchase", 1, first=_PAID, subject=_PURCHASE, act="unlock", needs=_OFFER),
        Trial((SERVER,), "refund_purchase", ["recorded"], first=(*_PAID, (SERVER, "unlock_purchase")),
              subject=_PURCHASE, act="refund", needs=_OFFER),
        Trial((SERVER,), "record_event", [True], subject="public.stripe_events", act="record of a new event"),
        Trial((SERVER,), "finish_event", 1, first=((SERVER, "take_event"),), subject="public.stripe_events",
              act="end of an event", needs=("public.stripe_events",)),
        Trial((SERVER,), "close_card", 1, subject="public.share_cards", act="closing of a card", needs=_CARDS),
        Trial((SERVER,), "write_scroll", 1, subject="public.oracle_scrolls", act="question of 2,500 characters",
              needs=_SCROLL),
    ), by_own_table=True),
)
# fmt: on
