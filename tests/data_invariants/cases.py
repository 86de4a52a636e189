"""For each invariant what makes it fire, and what comes near and must not."""

from typing import NamedTuple

from lab.rules.invariants import INVARIANTS
from tests.data_invariants.statements import (
    LOCKED,
    STATE,
    UNCHECKED,
    after_payment,
    audited,
    job,
    link,
    message,
    parked,
    reconciled,
    record,
    review,
    waiver,
    withdrawal,
    withdrawal_document,
    withdrawn,
)

BY_ID = {invariant.id: invariant for invariant in INVARIANTS}


class Case(NamedTuple):
    """What makes it fire, and what comes near and must not."""

    bad: str
    near: str
    also: tuple[str, ...] = ()


CASES: dict[str, Case] = {
    "paid_not_unlocked": Case(
        LOCKED.format("16 minutes")
        + review("'decided', 'unlock', now(), now()")
        + review("'open', null, null, now()", "fraud_warning"),
        LOCKED.format("14 minutes"),
    ),
    "unlocked_not_paid": Case(
        UNCHECKED + "update public.purchases set status = 'processing';",
        UNCHECKED + "update public.purchases set status = 'processing', unlocked_at = null;",
    ),
    "paid_unlike_expected": Case(
        "update public.purchases set received_minor = 4899;",
        "update public.purchases set received_minor = 4899;"
        " insert into public.payment_reviews (checkout_session_id, reason, purchase_id, status, decision, decided_at)"
        " select checkout_session_id, 'amount_differs', id, 'decided', 'unlock', now() from public.purchases;",
    ),
    "refunded_still_unlocked": Case(
        "update public.purchases set status = 'disputed', disputed_at = now();",
        "insert into public.refunds (id, purchase_id, amount_minor, currency, status, stripe_created_at)"
        " select 're_all', p.id, p.amount_minor, p.currency, 'succeeded', now() from public.purchases p;",
    ),
    "payment_reviews_waiting": Case(
        review("'open', null, null, now() - interval '25 hours'"),
        review("'open', null, null, now() - interval '23 hours'")
        + review("'decided', 'leave', now(), now() - interval '25 hours'", "fraud_warning"),
    ),
    "refunds_not_made": Case(
        review("'decided', 'refund', now() - interval '73 hours', now() - interval '80 hours'"),
        review("'decided', 'refund', now() - interval '71 hours', now() - interval '80 hours'")
        + review("'decided', 'leave', now() - interval '73 hours', now() - interval '80 hours'", "fraud_warning"),
    ),
    "sales_without_withdrawal": Case(
        "update public.purchases set withdraw_until = null, buyer_kind = 'eu_consumer';",
        "update public.purchases set withdraw_until = null, buyer_kind = 'business';",
    ),
    "withdrawals_unacknowledged": Case(
        withdrawal("25 hours"),
        withdrawal("23 hours") + withdrawal_document("withdrawal"),
    ),
    "withdrawals_not_refunded": Case(
        withdrawal("241 hours") + withdrawal_document("withdrawal"),
        withdrawal("239 hours") + withdrawal_document("withdrawal"),
    ),
    "artifacts_without_purchase": Case(
        "update public.purchases set scroll_id = null;",
        "update public.oracle_artifacts set state = 'draft', scroll_id = %(other_scroll)s;",
    ),
    "links_without_product": Case(
        "update public.products set active = false;",
        "update public.products set active = false; update public.purchase_links set active = false;",
    ),
    "stripe_events_waiting": Case(
        "update public.stripe_events set status = 'processing', lease_token = gen_random_uuid(), lease_until = now(),"
        " created_at = now() - interval '61 minutes';",
        "update public.stripe_events set status = 'done', created_at = now() - interval '61 minutes';",
    ),
    "stripe_events_in_review": Case(
        "update public.stripe_events set status = 'needs_review', created_at = now() - interval '25 hours';",
        "update public.stripe_events set status = 'needs_review', created_at = now() - interval '23 hours';",
    ),
    "payments_unreconciled": Case(
        "update public.purchases set created_at = now() - interval '4 hours';" + reconciled("4 hours"),
        "update public.purchases set created_at = now() - interval '4 hours';" + reconciled("2 hours"),
    ),
    "jobs_overdue": Case(job(due="16 minutes"), job(due="14 minutes") + job(status="parked", due="1 day")),
    "leases_expired": Case(job(status="running", lease_age="6 minutes"), job(status="running", lease_age="4 minutes")),
    "jobs_held_for_long": Case(
        job(status="running", lease="now() + interval '61 minutes'"),
        job(status="running", lease="now() + interval '59 minutes'"),
    ),
    "jobs_put_off": Case(
        job(due="-25 hours") + "update public.delivery_jobs set attempts = 1 where next_run_at > now();",
        job(due="-23 hours") + "update public.delivery_jobs set attempts = 1 where next_run_at > now();"
        + job(due="-360 days") + job("receipt", "email", "waiting", who="%(stranger)s", due="-2 years"),
    ),
    "jobs_parked_for_long": Case(
        job(status="parked", age="8 days"),
        job(status="parked", age="6 days") + job(status="parked", age="8 days") + parked("6 days"),
    ),
    "sequences_exhausted": Case(
        "alter sequence public.delivery_jobs_id_seq restart with 9000000000000000000;",
        "alter sequence public.delivery_jobs_id_seq restart with 5000000000000000000;",
    ),
    "notices_unlike_hash": Case(
        "update public.consent_notices set body = body || ' And more.' where purpose = 'email_delivery';",
        "insert into public.consent_notices (purpose, version, locale, body, body_sha256)"
        " values ('email_delivery', 2, 'en', 'Another.', sha256('Another.'));",
    ),
    "erasures_blocked": Case(
        "create table public.club (id uuid references auth.users (id));",
        "create table public.club (id uuid references auth.users (id) on delete cascade, scroll uuid references"
        " public.oracle_scrolls (id) on delete set null, host uuid references public.club (id));".replace(
            "(id uuid references auth", "(id uuid primary key references auth"
        ),
    ),
    "sends_unanswered": Case(message("id", "uncertain", "dead"), message("id", "intent"), also=("dead_letters",)),
    "intents_left": Case(message("id", "intent", "done"), message("id", "intent") + message("id", "sent", "done")),
    "dead_letters": Case(job(status="dead"), job(status="parked") + job(status="cancelled")),
    "emails_dead_for_good": Case(
        job("email", "email", "dead")
        + "insert into public.delivery_attempts (job_id, attempt, outcome)"
        " select id, 1, 'permanent' from public.delivery_jobs where status = 'dead';",
        job("email", "email", "parked")
        + "insert into public.delivery_attempts (job_id, attempt, outcome)"
        " select id, 1, 'permanent' from public.delivery_jobs where status = 'parked';",
        also=("dead_letters",),
    ),
    "emails_without_consent": Case(job("email", "email", who="%(stranger)s"), job("pdf", who="%(stranger)s")),
    "emails_waiting_needlessly": Case(
        job("receipt", "email", "waiting", purchase="%(purchase)s"),
        job("receipt", "email", "waiting", purchase="%(purchase)s", who="%(stranger)s"),
    ),
    "receipts_waiting": Case(
        job("receipt", "email", "waiting", who="%(stranger)s", age="8 days"),
        job("receipt", "email", "waiting", who="%(stranger)s", age="6 days"),
    ),
    "recoveries_waiting": Case(
        job("recovery", "email", "waiting", who="%(stranger)s", age="8 days"),
        job("recovery", "email", "cancelled", who="%(stranger)s", age="8 days"),
    ),
    "recoveries_repeated": Case(
        job("recovery", status="done", purchase="%(purchase)s", finished="now()", times="2"),
        job("recovery", status="done", purchase="%(purchase)s", finished="now()")
        + job("recovery", status="done", purchase="%(purchase)s", finished="now() - interval '2 hours'")
        + job("recovery", "email", "done", purchase="%(purchase)s", finished="now()"),
    ),
    "deliveries_without_consent": Case(
        withdrawn("email_delivery") + job("email", "email", "done", finished="now() - interval '50 minutes'")
        + "delete from public.delivery_jobs where status = 'pending';",
        withdrawn("email_delivery") + job("email", "email", "done", finished="now() - interval '61 minutes'")
        + job("email", "email", "done", finished="now() - interval '58 minutes'")
        + job("pdf", "account", "done", finished="now()"),
        also=("consent_ledger_lately_broken",),
    ),
    "card_phrases_undeclared": Case(
        "insert into public.card_phrases (kind, name, locale, version, words)"
        " values ('line', 'a_question', 'en', 1, 'Why?');",
        "insert into public.card_phrases (kind, name, locale, version, words)"
        " select kind, name, locale, version, words from public.card_phrases on conflict do nothing;",
    ),
    "share_cards_without_consent": Case(
        "delete from public.consents where purpose = 'public_share';",
        "delete from public.consents where purpose = 'public_share'; update public.share_cards set revoked_at = now();",
    ),
    "gifts_without_consent": Case(
        "delete from public.consents where purpose = 'gift_recipient';",
        "delete from public.consents where purpose = 'gift_recipient'; update public.gift_recipients"
        " set accepted_at = now();",
    ),
    "gift_addresses_expired": Case(
        "update public.gift_recipients set expires_at = now() - interval '2 days', created_at = now() -"
        " interval '9 days';",
        "update public.gift_recipients set expires_at = now() - interval '2 hours', created_at = now()"
        " - interval '9 days';",
    ),
    "ai_runs_without_consent": Case(
        "delete from public.consents where purpose = 'ai_processing';",
        "delete from public.consents where purpose = 'ai_processing';"
        " update public.ai_runs set status = 'discarded', output = null;",
    ),
    "ai_runs_unwritten": Case(
        "alter table public.ai_runs drop constraint ai_runs_promoted_at_needed;"
        " update public.ai_runs set status = 'promoted', output = '{}', promoted_at = null;",
        "update public.ai_runs set status = 'promoted', output = '{}', promoted_at = now();",
    ),
    "closed_card_files": Case(
        "update public.oracle_artifacts set storage_path = 'abcdef0123456782' where id = %(card)s;"
        " update public.share_cards set revoked_at = now();",
        "update public.oracle_artifacts set storage_path = 'abcdef0123456782' where id = %(card)s;",
    ),
    "withdrawn_files": Case(
        "update public.oracle_artifacts set state = 'withdrawn' where kind = 'pdf';",
        "update public.oracle_artifacts set state = 'withdrawn', storage_path = null where kind = 'pdf';",
    ),
    "print_views_stored": Case(
        "update public.oracle_artifacts set storage_path = 'abcdef0123456780' where kind = 'print_view';",
        "update public.oracle_artifacts set storage_path = 'abcdef0123456781' where kind = 'gift';",
    ),
    "consents_unlike_ledger": Case(
        STATE.format("passport_write"),
        "delete from public.consents where purpose = 'passport_write';",
    ),
    "consent_ledger_lately_broken": Case(
        "update public.consent_events set evidence = '{\"surface\": \"forged\"}' where purpose = 'passport_write';",
        "update public.consent_events set subject_id = null, evidence = null, personal_salt = null"
        " where purpose = 'passport_write'; delete from public.consents where purpose = 'passport_write';",
    ),
    "audit_trail_lately_broken": Case(
        "delete from public.admin_audit_events where id = (select min(id) from public.admin_audit_events);",
        audited("0 minutes"),
    ),
    "ledgers_unsealed": Case(
        audited("2 hours"),
        audited("50 minutes"),
    ),
    "seals_lately_broken": Case(
        "update public.oracle_scrolls set answer = 'Another answer.' where sealed_at is not null;",
        "update public.oracle_scrolls set answer = 'Another answer.' where sealed_at is null;",
    ),
    "passports_unfounded": Case(
        "update public.passport_records set scroll_id = %(other_scroll)s;",
        "delete from public.passport_records;",
        also=("seals_lately_broken",),
    ),
    "echoes_late": Case(
        "update public.echo_entries set due_at = now() - interval '25 hours';",
        "update public.echo_entries set due_at = now() - interval '25 hours', status = 'cancelled';",
    ),
    "privacy_requests_overdue": Case(
        "update public.privacy_requests set due_at = now() - interval '1 minute';",
        "update public.privacy_requests set due_at = now() - interval '1 minute', extended_until ="
        " now() + interval '30 days', extension_reason = 'complexity';",
    ),
    "privacy_requests_due_soon": Case(
        "update public.privacy_requests set due_at = now() + interval '6 days';",
        "update public.privacy_requests set due_at = now() + interval '6 days', closed_at = now(),"
        " status = 'refused';",
    ),
    "orphans_in_oracle_scrolls": Case(
        "delete from auth.users where id = %(stranger)s;",
        "delete from public.oracle_scrolls where id = %(other_scroll)s;"
        " delete from auth.users where id = %(stranger)s;",
    ),
    "orphans_in_oracle_artifacts": Case(
        "update public.oracle_artifacts set subject_id = gen_random_uuid() where kind = 'print_view';",
        "update public.oracle_artifacts set subject_id = %(stranger)s where kind = 'print_view';",
    ),
    "orphans_in_share_cards": Case(
        "update public.share_cards set artifact_id = gen_random_uuid();",
        "update public.share_cards set artifact_id = %(pdf)s;",
    ),
    "orphans_in_gift_recipients": Case(
        "update public.gift_recipients set accepted_at = now(), accepted_subject_id = gen_random_uuid();",
        "update public.gift_recipients set accepted_at = now(), accepted_subject_id = null;",
    ),
    "orphans_in_purchase_links": Case(
        "delete from public.products;",
        "update public.products set active = false;",
    ),
    "orphans_in_purchases": Case(
        "delete from public.purchase_links;",
        "update public.purchases set buyer_subject_id = null, scroll_id = null;",
    ),
    "orphans_in_refunds": Case(
        after_payment("refunds", "re_1", "pending", "gen_random_uuid()"),
        after_payment("refunds", "re_1", "pending", "%(purchase)s"),
    ),
    "orphans_in_disputes": Case(
        after_payment("disputes", "dp_1", "prevented", "gen_random_uuid()"),
        after_payment("disputes", "dp_1", "prevented", "%(purchase)s"),
    ),
    "orphans_in_payment_reviews": Case(
        "insert into public.payment_reviews (checkout_session_id, reason, purchase_id)"
        " values ('cs_live_1', 'amount_differs', gen_random_uuid());",
        "insert into public.payment_reviews (checkout_session_id, reason, purchase_id)"
        " values ('cs_live_1', 'amount_differs', %(purchase)s), ('cs_live_2', 'unknown_order', null);",
    ),
    "orphans_in_withdrawal_waivers": Case(
        waiver("gen_random_uuid()"),
        waiver("%(purchase)s"),
    ),
    "orphans_in_withdrawals": Case(
        withdrawal("0 hours", "gen_random_uuid()"),
        withdrawal("0 hours"),
    ),
    "orphans_in_withdrawal_documents": Case(
        withdrawal_document("waiver", notice="gen_random_uuid()"),
        withdrawal_document("waiver"),
    ),
    "erasure_key_missing": Case(
        "delete from public.erasure_keys;",
        "update public.erasure_keys set tombstones = tombstones + 1;",
    ),
    "wordings_missing": Case(
        "update public.consent_notices set version = 7 where purpose = 'ai_processing';",
        "insert into public.consent_notices (purpose, version, locale, body, body_sha256)"
        " values ('ai_processing', 2, 'en', 'Another.', sha256('Another.'));",
    ),
    "orphans_in_echo_entries": Case(
        "update public.echo_entries set scroll_id = gen_random_uuid();",
        "update public.echo_entries set scroll_id = %(other_scroll)s;",
    ),
    "orphans_in_council_sessions": Case(
        "insert into public.council_sessions (subject_id, scroll_id) values (gen_random_uuid(), %(scroll)s);",
        "insert into public.council_sessions (subject_id, scroll_id) values (%(stranger)s, %(scroll)s);",
    ),
    "orphans_in_passport_records": Case(
        "update public.passport_records set purchase_id = gen_random_uuid();",
        "update public.passport_records set purchase_id = %(purchase)s;",
        also=("seals_lately_broken",),
    ),
    "orphans_in_ai_runs": Case(
        "update public.ai_runs set scroll_id = gen_random_uuid();",
        "update public.ai_runs set scroll_id = %(other_scroll)s;",
    ),
    "orphans_in_consent_events": Case(
        "delete from public.consent_notices where purpose = 'passport_write';",
        "update public.consent_events set subject_id = null where purpose = 'passport_write';",
        also=("wordings_missing",),
    ),
    "orphans_in_consents": Case(
        "update public.consents set subject_id = gen_random_uuid() where purpose = 'passport_write';",
        "delete from public.consents where purpose = 'passport_write';",
        also=("consents_unlike_ledger",),
    ),
    "orphans_in_delivery_jobs": Case(
        job() + job() + "delete from public.oracle_artifacts where id = %(pdf)s;",
        "delete from public.delivery_jobs; delete from public.oracle_artifacts where id = %(pdf)s;",
    ),
    "orphans_in_delivery_attempts": Case(
        "insert into public.delivery_attempts (job_id, attempt, outcome) values (-1, 1, 'transient');",
        "insert into public.delivery_attempts (job_id, attempt, outcome)"
        " select id, 1, 'transient' from public.delivery_jobs;",
    ),
    "orphans_in_delivery_effects": Case(
        message("-1"),
        message("id"),
    ),
    "orphans_in_delivery_links": Case(
        link("-1"),
        job() + link("id"),
    ),
    "orphans_in_delivery_records": Case(
        record("gen_random_uuid()"),
        record("subject_id"),
    ),
    "orphans_in_privacy_requests": Case(
        "update public.privacy_requests set subject_id = gen_random_uuid();",
        "update public.privacy_requests set subject_id = null, status = 'running';",
    ),
    "orphans_in_privacy_request_steps": Case(
        "insert into public.privacy_request_steps (request_id, position, name)"
        " values (gen_random_uuid(), 1, 'collect');",
        "insert into public.privacy_request_steps (request_id, position, name)"
        " select id, 1, 'collect' from public.privacy_requests;",
    ),
    "orphans_in_erased_subjects": Case(
        "insert into public.erased_subjects (tombstone, request_id, tombstone_xid)"
        " values (sha256('x'), gen_random_uuid(), '1');",
        "insert into public.erased_subjects (tombstone, request_id, tombstone_xid)"
        " select sha256('x'), id, '1' from public.privacy_requests;",
    ),
    "orphans_in_storage_deletions": Case(
        "insert into public.storage_deletions (request_id, storage_path)"
        " values (gen_random_uuid(), 'abcdef0123456789');",
        "insert into public.storage_deletions (request_id, storage_path)"
        " select id, 'abcdef0123456789' from public.privacy_requests;",
    ),
    "orphans_in_audit_codes": Case(
        "insert into public.audit_codes (subject_id) values (gen_random_uuid());",
        "insert into public.audit_codes (subject_id) values (%(stranger)s);",
    ),
}  # fmt: skip
