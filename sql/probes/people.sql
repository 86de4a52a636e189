-- One made-up person with a row in every table. ${...} is filled in with ids and numbers of this run. Numbers are
-- negative where the database counts, so that the run uses few sequence values; only the database numbers a ledger.

-- table: auth.users
insert into auth.users (id, aud, role, is_anonymous)
values ('${subject}', 'authenticated', 'authenticated', false);

-- table: public.oracle_scrolls
insert into public.oracle_scrolls (id, subject_id, question, answer)
values ('${scroll}', '${subject}', '${canary} question', '${canary} answer');

-- table: public.oracle_scrolls, sealed
update public.oracle_scrolls set sealed_at = now() where id = '${scroll}';

-- table: public.oracle_artifacts
insert into public.oracle_artifacts (id, subject_id, scroll_id, kind, storage_path)
values ('${pdf}', '${subject}', '${scroll}', 'pdf', '${token}.pdf'),
       ('${share_card}', '${subject}', '${scroll}', 'share_card', null),
       ('${gift}', '${subject}', '${scroll}', 'gift', null), ('${print_view}', '${subject}', '${scroll}', 'print_view', null);

-- table: public.consent_notices
insert into public.consent_notices (id, purpose, version, locale, body)
select md5('${token} notice ' || p)::uuid, p, 1, 'x-' || left('${token}', 8), 'A made-up wording.'
  from unnest(array[${purposes}, ${notices}]) as p;

-- table: public.consent_events
insert into public.consent_events
       (request_id, subject_id, purpose, action, scope_id, notice_id, evidence)
select md5('${token} request ' || p || a)::uuid, '${subject}', p, 'given',
       wall.consent_scope(p, a), md5('${token} notice ' || p)::uuid, jsonb_build_object('page', '${canary} evidence')
  from unnest(array[${purposes}]) as p
 cross join unnest(array['${share_card}', '${gift}']::uuid[]) as a
 where ${consenting} and (a = '${share_card}' or wall.consent_scope(p, a) is not null);

-- table: public.consents
select jsonb_agg(c.id) from public.consents c where c.subject_id = '${subject}';

-- table: public.card_phrases
insert into public.card_phrases (id, kind, name, locale, version, words)
select md5('${token} phrase ' || p.kind)::uuid, p.kind, 'made_up', 'x-' || left('${token}', 8), 1, p.words
  from (values ('title', 'The Tower'), ('symbol', 'tower'), ('palette', 'dusk'),
               ('line', 'Something falls, and light comes in.')) as p (kind, words);

-- table: public.share_cards
insert into public.share_cards (id, artifact_id, slug, locale, title, symbol, palette, one_line)
select '${card}', '${share_card}', '${slug}', 'x-' || left('${token}', 8), 'The Tower', 'tower', 'dusk', 'Something falls, and light comes in.'
 where ${consenting};

-- table: public.gift_recipients
insert into public.gift_recipients (id, subject_id, artifact_id, contact, recipient_name, token_sha256)
select '${recipient}', '${subject}', '${gift}', 'canary-${mark}@example.test', '${canary} name',
       sha256(convert_to('${token}', 'UTF8'))
 where ${consenting};

-- table: public.products
insert into public.products (id, layer, stripe_product_id, title, livemode)
values ('${product}', 'artifacts', 'prod_probe${token}', 'Artifacts', false);

-- table: public.purchase_links
insert into public.purchase_links (id, product_id, stripe_price_id, amount_minor, currency, livemode, unlock_route)
values ('${link}', '${product}', 'price_probe${token}', 1900, 'eur', false, '/unlock/artifacts');

-- table: public.purchases
insert into public.purchases (id, checkout_session_id, payment_intent_id, purchase_link_id, buyer_subject_id, scroll_id,
                              amount_minor, currency, livemode)
values ('${purchase}', 'cs_test_probe${token}', 'pi_probe${token}', '${link}', '${subject}', '${scroll}',
        1900, 'eur', false);

-- table: public.withdrawal_waivers
insert into public.withdrawal_waivers (id, purchase_id, subject_id, notice_id)
values ('${waiver}', '${purchase}', '${subject}', md5('${token} notice withdrawal_waiver')::uuid);

-- table: public.purchases, paid
update public.purchases
   set status = 'paid', paid_at = now(), withdraw_until = wall.withdrawal_deadline(now()) where id = '${purchase}';

-- table: public.withdrawals
insert into public.withdrawals (id, purchase_id, subject_id) values ('${withdrawal}', '${purchase}', '${subject}');

-- table: public.withdrawals, confirmed
update public.withdrawals set status = 'confirmed', confirmed_at = now() where id = '${withdrawal}';

-- table: public.withdrawal_documents
select jsonb_agg(d.id) from public.withdrawal_documents d where d.purchase_id = '${purchase}';

-- table: public.refunds
insert into public.refunds (id, purchase_id, amount_minor, currency, status, stripe_created_at)
values ('re_probe${token}', '${purchase}', 100, 'eur', 'failed', now());

-- table: public.disputes
insert into public.disputes (id, purchase_id, amount_minor, currency, status, stripe_created_at)
values ('dp_probe${token}', '${purchase}', 1900, 'eur', 'warning_needs_response', now());

-- table: public.payment_reviews
insert into public.payment_reviews (checkout_session_id, reason, purchase_id)
values ('cs_test_probe${token}', 'amount_differs', '${purchase}');

-- table: public.stripe_events
insert into public.stripe_events (id, type, stripe_created_at, livemode, payload, checkout_session_id)
values ('evt_probe${token}', 'checkout.session.completed', now(), false, '{"object": "event"}', 'cs_test_probe${token}');

-- table: public.echo_entries
insert into public.echo_entries (id, subject_id, scroll_id, prompt, reply, due_at)
values ('${echo}', '${subject}', '${scroll}', '${canary} prompt', '${canary} reply', now() + interval '7 days');

-- table: public.council_sessions
insert into public.council_sessions (id, subject_id, scroll_id, voices, summary)
values ('${council}', '${subject}', '${scroll}', '[{"name": "Moon", "words": "${canary} voices"}]', '${canary} summary');

-- table: public.passport_records
insert into public.passport_records (id, subject_id, scroll_id, artifact_id, purchase_id)
select '${passport}', '${subject}', '${scroll}', '${pdf}', '${purchase}'
 where ${consenting};

-- table: public.passport_records, sealed
update public.passport_records set sealed_at = now() where id = '${passport}';

-- table: public.ai_runs
insert into public.ai_runs (id, subject_id, layer, scroll_id, fields_given, model)
select run, '${subject}', 'echo', '${scroll}', '{question}', 'model-1'
  from unnest(array['${open_run}', '${kept_run}']::uuid[]) as run
 where ${consenting};
update public.ai_runs
   set token_sha256 = sha256(convert_to(id || ' token', 'UTF8')), leases = 1, leased_at = now(),
       lease_until = now() + interval '10 minutes'
 where id in ('${open_run}', '${kept_run}');
update public.ai_runs
   set status = 'written', token_sha256 = null, output = '{"reply": "${canary} output"}' where id = '${kept_run}';
update public.ai_runs set status = 'promoted', promoted_at = now() where id = '${kept_run}';

-- table: public.delivery_jobs
insert into public.delivery_jobs
       (id, idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id, max_attempts, support_path)
overriding system value
select ${n.job} - row_number() over (), concat_ws(':', j, s.leg, '${scroll}', 0), j, s.leg, '${subject}',
       case j when 'email' then '${pdf}' when 'pdf' then '${pdf}' when 'share_card' then '${share_card}' when 'gift' then '${gift}' end::uuid,
       case when j in ('receipt', 'recovery') then '${purchase}' end::uuid,
       case j when 'echo' then '${echo}' end::uuid,
       s.max_attempts, s.support_path
  from unnest(array[${jobs}]) as j
 cross join wall.job_settings(j) as s
 where ${consenting} or s.leg = 'account' and cardinality(wall.job_purposes(j, s.leg)) = 0;

-- table: public.delivery_attempts
insert into public.delivery_attempts (id, job_id, attempt, outcome, error_class)
overriding system value values (${n.attempt}, ${n.job} - 1, 1, 'transient', 'made.up');

-- table: public.delivery_effects
insert into public.delivery_effects
       (id, job_id, attempt, provider, consent_event_id, content_sha256, rules_version, lease_token)
overriding system value
select ${n.effect}, ${n.job} - 1, 1, 'smtp', e.id, sha256(convert_to('${token}', 'UTF8')), '0123456789ab', '${lease}'
  from public.consent_events e
 where e.subject_id = '${subject}' and e.purpose = 'email_delivery' and ${consenting}
 order by e.id desc
 limit 1;
update public.delivery_effects set state = 'sent', settled_at = now() where id = ${n.effect};

-- table: public.delivery_links
insert into public.delivery_links (id, job_id, purpose, token_sha256, expires_at)
overriding system value
select ${n.link}, ${n.job} - 1, 'open', sha256(convert_to('${token} link', 'UTF8')), now() + interval '1 day'
 where ${consenting};

-- table: public.delivery_jobs, ended
insert into public.delivery_jobs (id, idempotency_key, channel, leg, subject_id, artifact_id, support_path)
overriding system value
values (${n.job} - 50, 'pdf:account:${scroll}:9', 'pdf', 'account', '${subject}', '${pdf}', '/operate/queue?channel=pdf');
update public.delivery_jobs
   set status = 'running', lease_token = '${lease}', lease_until = now(), worker = 'probe'
 where id = ${n.job} - 50;
update public.delivery_jobs
   set status = 'done', lease_token = null, lease_until = null, finished_at = now() - interval '10 years'
 where id = ${n.job} - 50;

-- table: public.delivery_records
insert into public.delivery_records (id) values (${n.job} - 50);

-- table: public.delivery_switches
insert into public.delivery_switches (id, channel, stopped)
select '${switch}', c.channel, false
  from unnest(array[${jobs}]) with ordinality as c (channel, place)
 where not exists (select from public.delivery_switches s where s.channel = c.channel)
 order by c.place
 limit 1;

-- table: public.delivery_environments
insert into public.delivery_environments (id, environment, system_identifier, timeline, database_oid)
overriding system value values (${n.environment}, 'made-up', 0, 0, 0);

-- table: public.email_suppressions
insert into public.email_suppressions (id, address_sha256, reason)
values ('${suppression}', sha256(convert_to('${token}@example.test', 'UTF8')), 'manual');

-- table: public.privacy_requests
insert into public.privacy_requests (id, subject_id, kind) values ('${request}', '${subject}', 'export');

-- table: public.privacy_request_steps
insert into public.privacy_request_steps (id, request_id, position, name)
values ('${step}', '${request}', 1, 'export_rows');

-- table: public.erasure_keys
select jsonb_agg(k.id::text) from public.erasure_keys k;

-- table: public.storage_deletions
insert into public.storage_deletions (id, request_id, storage_path) values ('${deletion}', '${request}', '${token}');

-- table: public.legal_holds
insert into public.legal_holds (id, table_name, row_id, reason_code, held_until)
values ('${hold}', 'oracle_scrolls', '${scroll}', 'tax_audit', now());

-- table: public.audit_codes
insert into public.audit_codes (id, subject_id) values ('${code}', '${subject}');

-- table: public.admin_audit_events
insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
values ('system', 'wall.probed', 'oracle_scrolls', '${scroll}', 'done');

-- table: public.ledger_seals
insert into public.ledger_seals (id, ledger, row_id) overriding system value
select ${n.seal}, 'admin_audit_events', e.id
  from public.admin_audit_events e
 where not exists (select from public.ledger_seals s where s.ledger = 'admin_audit_events' and s.row_id = e.id)
 order by e.id desc
 limit 1;

-- table: public.scheduled_runs
insert into public.scheduled_runs (id, task, mode, worker, lease_token, lease_until)
select '${run_of_schedule}', t.task, t.mode, 'probe', '${lease}', now() + interval '1 minute'
  from (values (1, 'recover_deliveries', 'test'), (2, 'recover_deliveries', 'live'), (3, 'seal_ledgers', 'test'),
               (4, 'seal_ledgers', 'live')) as t (place, task, mode) -- in which no worker runs them
 where not exists (select from public.scheduled_runs r where r.task = t.task and r.mode = t.mode)
 order by t.place
 limit 1;

-- Rows without a person, for tables that have such rows.

-- table: public.purchases, without an owner
insert into public.purchases (id, checkout_session_id, purchase_link_id, status, amount_minor, currency, livemode)
values ('${nobody.purchase}', 'cs_test_probe${nobody.token}', '${a.link}', 'open', 1900, 'eur', false);

-- A person who is created and erased in one transaction, which only the creating transaction can do.

-- table: auth.users, without an owner
insert into auth.users (id, aud, role, is_anonymous) values ('${nobody.subject}', 'authenticated', 'authenticated', false);
insert into public.purchases (id, checkout_session_id, payment_intent_id, purchase_link_id, buyer_subject_id, amount_minor,
                              currency, livemode)
values ('${nobody.bought}', 'cs_test_probew${nobody.token}', 'pi_probew${nobody.token}', '${a.link}', '${nobody.subject}',
        1900, 'eur', false);

-- table: public.withdrawal_waivers, without an owner
insert into public.withdrawal_waivers (id, purchase_id, subject_id, notice_id)
values ('${nobody.waiver}', '${nobody.bought}', '${nobody.subject}', md5('${a.token} notice withdrawal_waiver')::uuid);
update public.purchases
   set status = 'paid', paid_at = now(), withdraw_until = wall.withdrawal_deadline(now()) where id = '${nobody.bought}';

-- table: public.withdrawals, without an owner
insert into public.withdrawals (id, purchase_id, subject_id)
values ('${nobody.withdrawal}', '${nobody.bought}', '${nobody.subject}');
update public.withdrawals set status = 'confirmed', confirmed_at = now() where id = '${nobody.withdrawal}';

-- table: public.withdrawal_documents, without an owner
select jsonb_agg(d.id) from public.withdrawal_documents d where d.purchase_id = '${nobody.bought}';

-- table: public.consent_events, without an owner
insert into public.consent_events (request_id, subject_id, purpose, action)
values ('${nobody.event}', '${nobody.subject}', 'echo_followup', 'withdrawn');

-- table: public.privacy_requests, without an owner
insert into public.privacy_requests (id, subject_id, kind) values ('${nobody.request}', '${nobody.subject}', 'deletion');
update public.privacy_requests set status = 'verified' where id = '${nobody.request}';
update public.privacy_requests set status = 'running' where id = '${nobody.request}';
select e.state from public.erase_subject('${nobody.request}') e;

-- table: public.erased_subjects, without an owner
select jsonb_agg(e.tombstone::text) from public.erased_subjects e where e.request_id = '${nobody.request}';
