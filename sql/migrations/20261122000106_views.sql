-- Narrow views for the operator and the AI worker.

-- operations.consent_notices

create or replace view operations.consent_notices
  with (security_barrier = true) as
select id, purpose, version, locale, body_sha256, created_at
  from public.consent_notices;

comment on view operations.consent_notices is 'Consent notices as an operator sees them: operational and financial fields only.';

revoke all on table operations.consent_notices from public, anon, authenticated, service_role;

grant select on table operations.consent_notices to oracle_operator;

-- operations.consent_events

create or replace view operations.consent_events
  with (security_barrier = true) as
select id, request_id, subject_id, purpose, action, scope_id, notice_id, wording_version, wording_sha256, locale, row_hash, created_at
  from public.consent_events;

comment on view operations.consent_events is 'Consent ledger as an operator sees them: operational and financial fields only.';

revoke all on table operations.consent_events from public, anon, authenticated, service_role;

grant select on table operations.consent_events to oracle_operator;

-- operations.consents

create or replace view operations.consents
  with (security_barrier = true) as
select id, subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled, created_at
  from public.consents;

comment on view operations.consents is 'Consents as an operator sees them: operational and financial fields only.';

revoke all on table operations.consents from public, anon, authenticated, service_role;

grant select on table operations.consents to oracle_operator;

-- operations.oracle_scrolls

create or replace view operations.oracle_scrolls
  with (security_barrier = true) as
select id, subject_id, locale, sealed_at, seal_hash, created_at
  from public.oracle_scrolls;

comment on view operations.oracle_scrolls is 'Scrolls as an operator sees them: operational and financial fields only.';

revoke all on table operations.oracle_scrolls from public, anon, authenticated, service_role;

grant select on table operations.oracle_scrolls to oracle_operator;

-- operations.oracle_artifacts

create or replace view operations.oracle_artifacts
  with (security_barrier = true) as
select id, subject_id, scroll_id, kind, state, storage_path, content_sha256, ready_at, created_at
  from public.oracle_artifacts;

comment on view operations.oracle_artifacts is 'Oracle artifacts as an operator sees them: operational and financial fields only.';

revoke all on table operations.oracle_artifacts from public, anon, authenticated, service_role;

grant select on table operations.oracle_artifacts to oracle_operator;

-- operations.card_phrases

create or replace view operations.card_phrases
  with (security_barrier = true) as
select id, kind, name, locale, version, created_at
  from public.card_phrases;

comment on view operations.card_phrases is 'Card phrases as an operator sees them: operational and financial fields only.';

revoke all on table operations.card_phrases from public, anon, authenticated, service_role;

grant select on table operations.card_phrases to oracle_operator;

-- operations.share_cards

create or replace view operations.share_cards
  with (security_barrier = true) as
select id, artifact_id, slug, locale, revoked_at, created_at
  from public.share_cards;

comment on view operations.share_cards is 'Share-cards as an operator sees them: operational and financial fields only.';

revoke all on table operations.share_cards from public, anon, authenticated, service_role;

grant select on table operations.share_cards to oracle_operator;

-- operations.gift_recipients

create or replace view operations.gift_recipients
  with (security_barrier = true) as
select id, subject_id, artifact_id, accepted_subject_id, accepted_at, withdrawn_at, expires_at, created_at
  from public.gift_recipients;

comment on view operations.gift_recipients is 'Gift recipients as an operator sees them: operational and financial fields only.';

revoke all on table operations.gift_recipients from public, anon, authenticated, service_role;

grant select on table operations.gift_recipients to oracle_operator;

-- operations.products

create or replace view operations.products
  with (security_barrier = true) as
select id, layer, stripe_product_id, livemode, active, created_at
  from public.products;

comment on view operations.products is 'Products as an operator sees them: operational and financial fields only.';

revoke all on table operations.products from public, anon, authenticated, service_role;

grant select on table operations.products to oracle_operator;

-- operations.purchase_links

create or replace view operations.purchase_links
  with (security_barrier = true) as
select id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route, active, created_at, wall.amount_text(amount_minor,currency) as amount
  from public.purchase_links;

comment on view operations.purchase_links is 'Purchase links as an operator sees them: operational and financial fields only.';

revoke all on table operations.purchase_links from public, anon, authenticated, service_role;

grant select on table operations.purchase_links to oracle_operator;

-- operations.purchases

create or replace view operations.purchases
  with (security_barrier = true) as
select id, checkout_session_id, payment_intent_id, purchase_link_id, buyer_subject_id, recipient_subject_id, scroll_id, status, amount_minor, amount_refunded_minor, currency, livemode, paid_at, unlocked_at, refunded_at, disputed_at, created_at, wall.amount_text(amount_minor,currency) as amount, wall.amount_text(amount_refunded_minor,currency) as amount_refunded
  from public.purchases;

comment on view operations.purchases is 'Purchases as an operator sees them: operational and financial fields only.';

revoke all on table operations.purchases from public, anon, authenticated, service_role;

grant select on table operations.purchases to oracle_operator;

-- operations.stripe_events

create or replace view operations.stripe_events
  with (security_barrier = true) as
select id, type, stripe_created_at, livemode, api_version, object_id, checkout_session_id, status, deliveries, attempts, payload, error_class, processed_at, created_at
  from public.stripe_events;

comment on view operations.stripe_events is 'Stripe events as an operator sees them: operational and financial fields only.';

revoke all on table operations.stripe_events from public, anon, authenticated, service_role;

grant select on table operations.stripe_events to oracle_operator;

-- operations.echo_entries

create or replace view operations.echo_entries
  with (security_barrier = true) as
select id, subject_id, scroll_id, status, due_at, returned_at, created_at
  from public.echo_entries;

comment on view operations.echo_entries is 'Echo entries as an operator sees them: operational and financial fields only.';

revoke all on table operations.echo_entries from public, anon, authenticated, service_role;

grant select on table operations.echo_entries to oracle_operator;

-- operations.council_sessions

create or replace view operations.council_sessions
  with (security_barrier = true) as
select id, subject_id, scroll_id, status, closed_at, created_at
  from public.council_sessions;

comment on view operations.council_sessions is 'Council sessions as an operator sees them: operational and financial fields only.';

revoke all on table operations.council_sessions from public, anon, authenticated, service_role;

grant select on table operations.council_sessions to oracle_operator;

-- operations.passport_records

create or replace view operations.passport_records
  with (security_barrier = true) as
select id, subject_id, scroll_id, artifact_id, purchase_id, scroll_seal_hash, sealed_at, seal_hash, created_at
  from public.passport_records;

comment on view operations.passport_records is 'Passport records as an operator sees them: operational and financial fields only.';

revoke all on table operations.passport_records from public, anon, authenticated, service_role;

grant select on table operations.passport_records to oracle_operator;

-- operations.ai_runs

create or replace view operations.ai_runs
  with (security_barrier = true) as
select id, subject_id, layer, scroll_id, fields_given, model, status, leases, leased_at, lease_until, promoted_at, created_at
  from public.ai_runs;

comment on view operations.ai_runs is 'AI runs as an operator sees them: operational and financial fields only.';

revoke all on table operations.ai_runs from public, anon, authenticated, service_role;

grant select on table operations.ai_runs to oracle_operator;

-- operations.delivery_jobs

create or replace view operations.delivery_jobs
  with (security_barrier = true) as
select id, idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id, status, priority, attempts, max_attempts, next_run_at, support_path, lease_until, worker, cancel_requested, error_class, finished_at, created_at
  from public.delivery_jobs;

comment on view operations.delivery_jobs is 'Delivery jobs as an operator sees them: operational and financial fields only.';

revoke all on table operations.delivery_jobs from public, anon, authenticated, service_role;

grant select on table operations.delivery_jobs to oracle_operator;

-- operations.delivery_attempts

create or replace view operations.delivery_attempts
  with (security_barrier = true) as
select id, job_id, attempt, outcome, error_class, worker, created_at
  from public.delivery_attempts;

comment on view operations.delivery_attempts is 'Delivery attempts as an operator sees them: operational and financial fields only.';

revoke all on table operations.delivery_attempts from public, anon, authenticated, service_role;

grant select on table operations.delivery_attempts to oracle_operator;

-- operations.email_suppressions

create or replace view operations.email_suppressions
  with (security_barrier = true) as
select id, reason, provider_code, created_at
  from public.email_suppressions;

comment on view operations.email_suppressions is 'E-mail suppressions as an operator sees them: operational and financial fields only.';

revoke all on table operations.email_suppressions from public, anon, authenticated, service_role;

grant select on table operations.email_suppressions to oracle_operator;

-- operations.privacy_requests

create or replace view operations.privacy_requests
  with (security_barrier = true) as
select id, subject_id, kind, status, due_at, extended_until, extension_reason, closed_at, proof_sha256, created_at
  from public.privacy_requests;

comment on view operations.privacy_requests is 'Privacy requests as an operator sees them: operational and financial fields only.';

revoke all on table operations.privacy_requests from public, anon, authenticated, service_role;

grant select on table operations.privacy_requests to oracle_operator;

-- operations.privacy_request_steps

create or replace view operations.privacy_request_steps
  with (security_barrier = true) as
select id, request_id, position, name, status, attempts, evidence_sha256, started_at, finished_at, created_at
  from public.privacy_request_steps;

comment on view operations.privacy_request_steps is 'Privacy request steps as an operator sees them: operational and financial fields only.';

revoke all on table operations.privacy_request_steps from public, anon, authenticated, service_role;

grant select on table operations.privacy_request_steps to oracle_operator;

-- operations.erasure_keys

create or replace view operations.erasure_keys
  with (security_barrier = true) as
select id, tombstones, created_at
  from public.erasure_keys;

comment on view operations.erasure_keys is 'Erasure key as an operator sees them: operational and financial fields only.';

revoke all on table operations.erasure_keys from public, anon, authenticated, service_role;

grant select on table operations.erasure_keys to oracle_operator;

-- operations.erased_subjects

create or replace view operations.erased_subjects
  with (security_barrier = true) as
select tombstone, request_id, subject_id, created_at
  from public.erased_subjects;

comment on view operations.erased_subjects is 'Erased people as an operator sees them: operational and financial fields only.';

revoke all on table operations.erased_subjects from public, anon, authenticated, service_role;

grant select on table operations.erased_subjects to oracle_operator;

-- operations.storage_deletions

create or replace view operations.storage_deletions
  with (security_barrier = true) as
select id, request_id, row_id, storage_path, done_at, created_at
  from public.storage_deletions;

comment on view operations.storage_deletions is 'Storage deletions as an operator sees them: operational and financial fields only.';

revoke all on table operations.storage_deletions from public, anon, authenticated, service_role;

grant select on table operations.storage_deletions to oracle_operator;

-- operations.legal_holds

create or replace view operations.legal_holds
  with (security_barrier = true) as
select id, table_name, row_id, reason_code, held_until, created_at
  from public.legal_holds;

comment on view operations.legal_holds is 'Legal holds as an operator sees them: operational and financial fields only.';

revoke all on table operations.legal_holds from public, anon, authenticated, service_role;

grant select on table operations.legal_holds to oracle_operator;

-- operations.audit_codes

create or replace view operations.audit_codes
  with (security_barrier = true) as
select id, created_at
  from public.audit_codes;

comment on view operations.audit_codes is 'Audit codes as an operator sees them: operational and financial fields only.';

revoke all on table operations.audit_codes from public, anon, authenticated, service_role;

grant select on table operations.audit_codes to oracle_operator;

-- operations.admin_audit_events

create or replace view operations.admin_audit_events
  with (security_barrier = true) as
select id, actor_kind, actor_id, action, object_table, object_id, outcome, details, row_hash, created_at
  from public.admin_audit_events;

comment on view operations.admin_audit_events is 'Audit trail as an operator sees them: operational and financial fields only.';

revoke all on table operations.admin_audit_events from public, anon, authenticated, service_role;

grant select on table operations.admin_audit_events to oracle_operator;

-- operations.ledger_seals

create or replace view operations.ledger_seals
  with (security_barrier = true) as
select id, ledger, position, row_id, row_hash, chain_hash, created_at
  from public.ledger_seals;

comment on view operations.ledger_seals is 'Ledger seals as an operator sees them: operational and financial fields only.';

revoke all on table operations.ledger_seals from public, anon, authenticated, service_role;

grant select on table operations.ledger_seals to oracle_operator;

-- ai.briefs

create or replace view ai.briefs
  with (security_barrier = true) as
select r.id as run_id, r.layer, r.fields_given, r.lease_until, case when 'locale' = any(r.fields_given) then s.locale end as locale, case when 'question' = any(r.fields_given) then s.question end as question
  from public.ai_runs r
  join public.oracle_scrolls s on s.id = r.scroll_id
 where r.token_sha256 = (select wall.presented_token())
   and r.status = 'requested'
   and r.lease_until > clock_timestamp()
   and (select wall.presented_consent());

comment on view ai.briefs is 'The AI reads the fields that it was given of the one run that it holds the token of, while the lease lasts.';

revoke all on table ai.briefs from public, anon, authenticated, service_role;

grant select on table ai.briefs to ai_worker;
