-- Policies and grants: who may do what, and to which rows.

-- Consent notices

drop policy if exists everybody_reads_notices on public.consent_notices;

create policy everybody_reads_notices on public.consent_notices
  as permissive for select to authenticated
  using (true);

comment on policy everybody_reads_notices on public.consent_notices is 'The wording is meant to be read; it holds nothing about anybody.';

grant select on table public.consent_notices to authenticated;

grant select on table public.consent_notices to service_role;

-- Consent ledger

drop policy if exists owner_reads_consent_events on public.consent_events;

create policy owner_reads_consent_events on public.consent_events
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_reads_consent_events on public.consent_events is 'A signed-in person sees their own rows and nobody else''s.';

drop policy if exists owner_writes_consent_events on public.consent_events;

create policy owner_writes_consent_events on public.consent_events
  as permissive for insert to authenticated
  with check ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_writes_consent_events on public.consent_events is 'A person gives and withdraws for themselves alone.';

grant select (id, request_id, subject_id, purpose, action, scope_id, notice_id, wording_version, wording_sha256, locale, evidence, row_hash, created_at) on table public.consent_events to authenticated;

grant insert (request_id, subject_id, purpose, action, scope_id, notice_id, evidence) on table public.consent_events to authenticated;

grant select on table public.consent_events to service_role;

grant insert (request_id, subject_id, purpose, action, scope_id, notice_id, evidence) on table public.consent_events to service_role;

-- Consents

drop policy if exists owner_reads_consents on public.consents;

create policy owner_reads_consents on public.consents
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_reads_consents on public.consents is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.consents to authenticated;

grant select on table public.consents to service_role;

-- Scrolls

drop policy if exists owner_reads_oracle_scrolls on public.oracle_scrolls;

create policy owner_reads_oracle_scrolls on public.oracle_scrolls
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_reads_oracle_scrolls on public.oracle_scrolls is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.oracle_scrolls to authenticated;

grant select, insert, update on table public.oracle_scrolls to service_role;

-- Oracle artifacts

drop policy if exists owner_reads_oracle_artifacts on public.oracle_artifacts;

create policy owner_reads_oracle_artifacts on public.oracle_artifacts
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()) or (select auth.uid()) is not null and id = any (wall.gifts_of((select auth.uid()))));

comment on policy owner_reads_oracle_artifacts on public.oracle_artifacts is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.oracle_artifacts to authenticated;

grant select, insert, update on table public.oracle_artifacts to service_role;

-- Card phrases

drop policy if exists everybody_reads_phrases on public.card_phrases;

create policy everybody_reads_phrases on public.card_phrases
  as permissive for select to authenticated
  using (true);

comment on policy everybody_reads_phrases on public.card_phrases is 'People choose from the phrases; they hold nothing about anybody.';

grant select on table public.card_phrases to authenticated;

grant select on table public.card_phrases to service_role;

-- Share-cards

drop policy if exists owner_reads_share_cards on public.share_cards;

create policy owner_reads_share_cards on public.share_cards
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and artifact_id in (select a.id from public.oracle_artifacts a where a.subject_id = (select auth.uid())));

comment on policy owner_reads_share_cards on public.share_cards is 'The owner sees the cards that were made of their artifacts, open and closed.';

grant select (id, artifact_id, slug, locale, title, symbol, palette, one_line, revoked_at, created_at) on table public.share_cards to authenticated;

grant select, insert, update on table public.share_cards to service_role;

-- Gift recipients

drop policy if exists owner_reads_gift_recipients on public.gift_recipients;

create policy owner_reads_gift_recipients on public.gift_recipients
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()) or (select auth.uid()) is not null and accepted_subject_id = (select auth.uid()));

comment on policy owner_reads_gift_recipients on public.gift_recipients is 'A signed-in person sees their own rows and nobody else''s.';

grant select (id, subject_id, artifact_id, contact, recipient_name, accepted_subject_id, accepted_at, withdrawn_at, expires_at, created_at) on table public.gift_recipients to authenticated;

grant select, insert, update on table public.gift_recipients to service_role;

-- Products

grant select, insert, update on table public.products to service_role;

-- Purchase links

grant select, insert, update on table public.purchase_links to service_role;

-- Purchases

drop policy if exists owner_reads_purchases on public.purchases;

create policy owner_reads_purchases on public.purchases
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and buyer_subject_id = (select auth.uid()) or (select auth.uid()) is not null and recipient_subject_id = (select auth.uid()));

comment on policy owner_reads_purchases on public.purchases is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.purchases to authenticated;

grant select, insert, update on table public.purchases to service_role;

-- Stripe events

grant select, insert, update on table public.stripe_events to service_role;

-- Echo entries

drop policy if exists owner_reads_echo_entries on public.echo_entries;

create policy owner_reads_echo_entries on public.echo_entries
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_reads_echo_entries on public.echo_entries is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.echo_entries to authenticated;

grant select, insert, update on table public.echo_entries to service_role;

-- Council sessions

drop policy if exists owner_reads_council_sessions on public.council_sessions;

create policy owner_reads_council_sessions on public.council_sessions
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_reads_council_sessions on public.council_sessions is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.council_sessions to authenticated;

grant select, insert, update on table public.council_sessions to service_role;

-- Passport records

drop policy if exists owner_reads_passport_records on public.passport_records;

create policy owner_reads_passport_records on public.passport_records
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()) and coalesce(((select auth.jwt()) ->> 'is_anonymous')::boolean, false) is false);

comment on policy owner_reads_passport_records on public.passport_records is 'A signed-in person sees their own rows and nobody else''s.';

grant select on table public.passport_records to authenticated;

grant select, insert, update on table public.passport_records to service_role;

-- AI runs

drop policy if exists owner_reads_ai_runs on public.ai_runs;

create policy owner_reads_ai_runs on public.ai_runs
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()) and status = 'promoted');

comment on policy owner_reads_ai_runs on public.ai_runs is 'A signed-in person sees their own rows and nobody else''s.';

grant select (id, subject_id, layer, scroll_id, fields_given, model, status, leases, leased_at, lease_until, output, promoted_at, created_at) on table public.ai_runs to authenticated;

grant select, insert, update on table public.ai_runs to service_role;

-- Delivery jobs

grant select on table public.delivery_jobs to service_role;

-- Delivery attempts

grant select on table public.delivery_attempts to service_role;

-- E-mail suppressions

grant select, insert on table public.email_suppressions to service_role;

-- Privacy requests

drop policy if exists owner_reads_privacy_requests on public.privacy_requests;

create policy owner_reads_privacy_requests on public.privacy_requests
  as permissive for select to authenticated
  using ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_reads_privacy_requests on public.privacy_requests is 'A signed-in person sees their own rows and nobody else''s.';

drop policy if exists owner_writes_privacy_requests on public.privacy_requests;

create policy owner_writes_privacy_requests on public.privacy_requests
  as permissive for insert to authenticated
  with check ((select auth.uid()) is not null and subject_id = (select auth.uid()));

comment on policy owner_writes_privacy_requests on public.privacy_requests is 'A person asks for themselves alone.';

grant select on table public.privacy_requests to authenticated;

grant insert (subject_id, kind) on table public.privacy_requests to authenticated;

grant select, insert, update on table public.privacy_requests to service_role;

-- Privacy request steps

grant select, insert, update on table public.privacy_request_steps to service_role;

-- Storage deletions

grant select on table public.storage_deletions to service_role;

-- Legal holds

grant select, insert on table public.legal_holds to service_role;

grant update (held_until) on table public.legal_holds to service_role;

-- Audit trail

grant select on table public.admin_audit_events to service_role;

grant insert (actor_kind, actor_id, action, object_table, object_id, outcome, details) on table public.admin_audit_events to service_role;

-- Ledger seals

grant select on table public.ledger_seals to service_role;
