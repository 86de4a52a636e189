-- A shop of as many people as `fill.rows` says, in which every invariant holds: one row a person in each large table,
-- most of them finished, every fifth card open, every tenth e-mail waiting for a consent that was never given.
-- What walks look at is true to the last hash; rows that lie before are only there to be many.
insert into auth.users (id) select md5(i::text)::uuid from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.products (id, layer, stripe_product_id, title, livemode)
values ('00000000-0000-4000-8000-000000000001', 'artifacts', 'prod_1', 'Artifacts', true);
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
values ('00000000-0000-4000-8000-000000000002', '00000000-0000-4000-8000-000000000001', 'price_1', 4900, 'eur', true, '/r');
insert into public.oracle_scrolls (id, subject_id, question, answer, sealed_at, seal_hash)
select md5(i::text)::uuid, md5(i::text)::uuid, 'Q', 'A', now() - interval '1 hour' + i * interval '1 ms', ''
  from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, state, ready_at, storage_path)
select md5(i::text)::uuid, md5(i::text)::uuid, md5(i::text)::uuid,
       case when i % 2 = 0 then 'pdf' else 'share_card' end, 'ready', now() - i * interval '1 s',
       case when i % 2 = 0 then md5(i::text) end
  from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.purchases (id, checkout_session_id, payment_intent_id, purchase_link_id, buyer_subject_id, scroll_id,
                              status, amount_minor, expected_minor, received_minor, currency, livemode, paid_at, unlocked_at,
                              withdraw_until)
select md5(i::text)::uuid, 'cs_live_' || i, 'pi_' || i, '00000000-0000-4000-8000-000000000002', md5(i::text)::uuid,
       md5(i::text)::uuid, 'paid', 4900, 4900, 4900, 'eur', true, now() - i * interval '1 s', now() - i * interval '1 s',
       now() + interval '14 days'
  from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, notice_id,
                                   personal_digest, row_hash, created_at)
select gen_random_uuid(), md5(i::text)::uuid, n.purpose, 'given', case when i % 2 = 1 then md5(i::text)::uuid end,
       n.id, '', '', now() - interval '1 day'
  from generate_series(1, current_setting('fill.rows')::int) i
  join public.consent_notices n
    on n.locale = 'en' and n.purpose = case when i % 2 = 0 then 'email_delivery' else 'public_share' end
 order by i;
insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at)
select subject_id, purpose, scope_id, true, id, created_at from public.consent_events;
insert into public.delivery_jobs (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, status,
                                  finished_at, created_at, support_path)
select case when i % 20 = 1 then 'receipt' else 'email' end || ':email:' || gen_random_uuid() || ':0',
       case when i % 20 = 1 then 'receipt' else 'email' end, 'email', md5(i::text)::uuid,
       case when i % 20 = 1 then null else md5((i - i % 2)::text)::uuid end,
       case when i % 20 = 1 then md5(i::text)::uuid end,
       case when i % 20 = 1 then 'waiting' when i % 2 = 0 then 'done' else 'cancelled' end,
       case when i % 20 = 1 then null else now() end, now() - interval '1 day', '/operate/queue?channel=email'
  from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.delivery_attempts (job_id, attempt, outcome) select id, 1, 'transient' from public.delivery_jobs;
insert into public.stripe_events (id, type, stripe_created_at, livemode, status, payload)
select 'evt_' || i, 'charge.refunded', now(), true, 'done', '{}' from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.ai_runs (subject_id, layer, scroll_id, fields_given, model, status, output, promoted_at)
select md5(i::text)::uuid, 'echo', md5(i::text)::uuid, '{question}', 'model-1', 'promoted', '{}', now()
  from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.echo_entries (subject_id, scroll_id, due_at, status)
select md5(i::text)::uuid, md5(i::text)::uuid, now() + interval '1 day', 'scheduled'
  from generate_series(1, current_setting('fill.rows')::int) i;
insert into public.privacy_requests (kind, status, closed_at)
select 'export', 'done', now() from generate_series(1, current_setting('fill.rows')::int);
insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, row_hash, created_at)
select 'server', 'a.b', 'products', '1', 'done', '', now() - interval '1 day'
  from generate_series(1, current_setting('fill.rows')::int);
insert into public.share_cards (artifact_id, title, symbol, palette, one_line, revoked_at)
select md5(i::text)::uuid, 'T', 'lantern', 'dusk', 'L', case when i % 5 <> 0 then now() end
  from generate_series(1, current_setting('fill.rows')::int, 2) i;
insert into public.gift_recipients (artifact_id, subject_id, consent_event_id, contact, token_sha256, accepted_at)
select md5(i::text)::uuid, md5(i::text)::uuid, i, 'a@b', sha256(i::text::bytea), now()
  from generate_series(1, current_setting('fill.rows')::int) i;
update public.oracle_scrolls s set seal_hash = wall.seal_content(to_jsonb(s))
  from (select id from public.oracle_scrolls order by sealed_at desc limit current_setting('fill.true')::int) t
 where s.id = t.id;
insert into public.passport_records (subject_id, scroll_id, sealed_at, seal_hash, scroll_seal_hash)
select s.subject_id, s.id, s.sealed_at, '', s.seal_hash from public.oracle_scrolls s;
update public.passport_records p set seal_hash = wall.seal_content(to_jsonb(p))
  from (select id from public.passport_records order by sealed_at desc limit current_setting('fill.true')::int) t
 where p.id = t.id;
-- The ledgers' newest rows are sealed as they would be; those before get links that nobody follows.
update public.consent_events e set personal_salt = gen_random_uuid()
  from (select id from public.consent_events order by id desc limit current_setting('fill.true')::int) t where e.id = t.id;
update public.consent_events e set personal_digest = sha256(convert_to(
         e.personal_salt::text || e.subject_id::text || coalesce(e.evidence::text, ''), 'UTF8'))
  from (select id from public.consent_events order by id desc limit current_setting('fill.true')::int) t where e.id = t.id;
update public.consent_events e set row_hash = wall.ledger_content(to_jsonb(e))
  from (select id from public.consent_events order by id desc limit current_setting('fill.true')::int) t where e.id = t.id;
update public.admin_audit_events e set row_hash = wall.ledger_content(to_jsonb(e))
  from (select id from public.admin_audit_events order by id desc limit current_setting('fill.true')::int) t where e.id = t.id;
insert into public.ledger_seals (ledger, position, row_id, row_hash, chain_hash, created_at)
select 'consent_events', row_number() over (order by id), id, row_hash, ''::bytea, now() - interval '1 day'
  from public.consent_events
 where id <= (select max(id) from public.consent_events) - current_setting('fill.true')::int
union all
select 'admin_audit_events', row_number() over (order by id), id, row_hash, ''::bytea, now() - interval '1 day'
  from public.admin_audit_events
 where id <= (select max(id) from public.admin_audit_events) - current_setting('fill.true')::int;
