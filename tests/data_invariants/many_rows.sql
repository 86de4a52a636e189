-- Thousands of finished rows, and few that are open: enough for the planner to choose as it would with millions.
insert into auth.users (id) select md5(i::text)::uuid from generate_series(1, 6000) i;
insert into public.oracle_scrolls (id, subject_id, question, answer, sealed_at, seal_hash)
select md5(i::text)::uuid, md5(i::text)::uuid, 'Q', 'A', now(), '' from generate_series(1, 6000) i;
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, state, ready_at, storage_path)
select md5(i::text)::uuid, md5(i::text)::uuid, md5(i::text)::uuid, 'pdf', 'ready', now(), md5(i::text)
  from generate_series(1, 6000) i;
insert into public.purchases (checkout_session_id, payment_intent_id, purchase_link_id, scroll_id, status, amount_minor,
                              expected_minor, received_minor, currency, livemode, paid_at, unlocked_at)
select 'cs_live_' || i, 'pi_' || i, gen_random_uuid(), md5(i::text)::uuid, 'paid', 100, 100, 100, 'eur', true, now(), now()
  from generate_series(1, 6000) i;
insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, status, finished_at, support_path)
select 'email:email:' || gen_random_uuid() || ':0', 'email', 'email', md5(i::text)::uuid, md5(i::text)::uuid, 'done', now(), '/operate/queue?channel=email'
  from generate_series(1, 6000) i;
insert into public.delivery_attempts (job_id, attempt, outcome) select i, 1, 'transient' from generate_series(1, 6000) i;
insert into public.stripe_events (id, type, stripe_created_at, livemode, status, payload)
select 'evt_' || i, 'charge.refunded', now(), true, 'done', '{}' from generate_series(1, 6000) i;
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model, status, output, promoted_at)
select md5(i::text)::uuid, 'echo', md5(i::text)::uuid, '{question}', 'model-1', 'promoted', '{}', now() from generate_series(1, 6000) i;
insert into public.echo_entries (subject_id, scroll_id, due_at, status)
select md5(i::text)::uuid, md5(i::text)::uuid, now(), 'cancelled' from generate_series(1, 6000) i;
insert into public.privacy_requests (kind, status, closed_at) select 'export', 'done', now() from generate_series(1, 6000);
insert into public.consent_events (request_id, subject_id, purpose, action, personal_digest, row_hash)
select gen_random_uuid(), md5(i::text)::uuid, 'email_delivery', 'withdrawn', '', '' from generate_series(1, 6000) i;
insert into public.consents (subject_id, purpose, standing, event_id, changed_at)
select subject_id, purpose, false, id, created_at from public.consent_events;
insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, row_hash)
select 'server', 'a.b', 'products', '1', 'done', '' from generate_series(1, 6000);
-- The newest ten rows of each ledger are as they should be; the links of those before are followed by nobody.
update public.consent_events set personal_salt = gen_random_uuid() where id > (select max(id) - 10 from public.consent_events);
update public.consent_events
   set personal_digest = sha256(convert_to(personal_salt::text || subject_id::text || coalesce(evidence::text, ''), 'UTF8'))
 where personal_salt is not null;
update public.consent_events e set row_hash = wall.ledger_content(to_jsonb(e)) where personal_salt is not null;
update public.admin_audit_events e set row_hash = wall.ledger_content(to_jsonb(e))
 where id > (select max(id) - 10 from public.admin_audit_events);
insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash, created_at)
select 'consent_events', row_number() over (order by id), id, ''::bytea, ''::bytea, now() - interval '1 day'
  from public.consent_events where id <= (select max(id) - 10 from public.consent_events)
union all
select 'admin_audit_events', row_number() over (order by id), id, ''::bytea, ''::bytea, now() - interval '1 day'
  from public.admin_audit_events where id <= (select max(id) - 10 from public.admin_audit_events);
alter table public.ledger_seals enable always trigger ledger_seals_link; -- which makes the links
select public.seal_ledgers();
insert into public.passport_records (subject_id, scroll_id, sealed_at, seal_hash, scroll_seal_hash)
select md5(i::text)::uuid, md5(i::text)::uuid, now(), '', '' from generate_series(1, 6000) i;
insert into public.share_cards (artifact_id, title, symbol, palette, one_line, revoked_at)
select md5(i::text)::uuid, 'T', 'lantern', 'dusk', 'L', now() from generate_series(1, 6000) i;
insert into public.gift_recipients (artifact_id, subject_id, consent_event_id, contact, token_sha256, accepted_at)
select md5(i::text)::uuid, md5(i::text)::uuid, i, 'a@b', sha256(i::text::bytea), now() from generate_series(1, 6000) i;
insert into public.council_sessions (subject_id, scroll_id)
select md5(i::text)::uuid, md5(i::text)::uuid from generate_series(1, 6000) i;
insert into public.privacy_request_steps (request_id, position, name) select id, 1, 'collect' from public.privacy_requests;
analyze auth.users, public.council_sessions, public.privacy_request_steps, public.oracle_scrolls, public.oracle_artifacts, public.purchases, public.delivery_jobs, public.delivery_attempts,
  public.stripe_events, public.ai_runs, public.echo_entries, public.privacy_requests, public.consent_events, public.consents,
  public.admin_audit_events, public.ledger_seals, public.passport_records, public.share_cards, public.gift_recipients;
