-- Statements that show whether promised_acts_work holds; each is tried by itself and rolled back.

-- statement: give_consents
insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, notice_id)
select gen_random_uuid(), ${a.subject}::uuid, p.purpose, 'given', p.scope_id::uuid, n.id
  from (values ('passport_write', null), ('email_delivery', null), ('echo_followup', null), ('ai_processing', null),
               ('public_share', ${a.share_card}), ('gift_recipient', ${a.gift})) as p (purpose, scope_id)
  join public.consent_notices n on n.purpose = p.purpose and n.version = 1 and n.locale = 'x-' || left(${a.token}, 8);

-- statement: withdraw_consents
insert into public.consent_events (request_id, subject_id, purpose, action, scope_id)
select gen_random_uuid(), ${a.subject}::uuid, p.purpose, 'withdrawn', p.scope_id::uuid
  from (values ('passport_write', null), ('email_delivery', null), ('echo_followup', null), ('ai_processing', null),
               ('public_share', ${a.share_card}), ('gift_recipient', ${a.gift})) as p (purpose, scope_id);

-- statement: request_deletion
select public.request_privacy('deletion');

-- statement: request_anonymization
select public.request_privacy('anonymization');

-- statement: verify_request
update public.privacy_requests
   set status = 'verified'
 where id = ${a.request}::uuid;

-- statement: run_request
update public.privacy_requests
   set status = 'running'
 where id = ${a.request}::uuid;

-- statement: answer_request
update public.privacy_requests
   set status = 'done'
 where id = ${a.request}::uuid;

-- statement: refuse_request
update public.privacy_requests
   set status = 'refused'
 where id = ${a.request}::uuid;

-- statement: extend_request
update public.privacy_requests
   set extended_until = due_at + interval '1 month', extension_reason = 'complexity'
 where id = ${a.request}::uuid;

-- statement: end_steps
update public.privacy_request_steps
   set status = 'skipped'
 where request_id = ${a.request}::uuid;

-- statement: end_files
select public.finish_storage_deletion(${a.deletion}::uuid);

-- statement: queue_jobs
select public.enqueue_delivery_job('email', ${a.subject}::uuid, ${a.pdf}::uuid, null, null, 7)
 union all
select public.enqueue_delivery_job('pdf', ${a.subject}::uuid, ${a.pdf}::uuid, null, null, 7)
 union all
select public.enqueue_delivery_job('share_card', ${a.subject}::uuid, ${a.share_card}::uuid, null, null, 7)
 union all
select public.enqueue_delivery_job('gift', ${a.subject}::uuid, ${a.gift}::uuid, null, null, 7)
 union all
select public.enqueue_delivery_job('echo', ${a.subject}::uuid, null, null, ${a.echo}::uuid, 7)
 union all
select public.enqueue_delivery_job('receipt', ${a.subject}::uuid, null, ${a.purchase}::uuid, null, 7)
 union all
select public.enqueue_delivery_job('recovery', ${a.subject}::uuid, null, ${a.purchase}::uuid, null, 7);

-- statement: lease_job
update public.delivery_jobs
   set status = 'running', attempts = attempts + 1, worker = 'probe', lease_token = ${a.lease}::uuid,
       lease_until = now() + interval '1 minute'
 where id = ${a.n.job}::bigint - 1;

-- statement: complete_job
select to_jsonb(array[public.complete_delivery_job(${a.n.job}::bigint - 1, ${a.lease}::uuid)]);

-- statement: fail_job
select to_jsonb(array[public.fail_delivery_job(${a.n.job}::bigint - 1, ${a.lease}::uuid, 'smtp.4_2_2')]);

-- statement: fail_job_for_good
select to_jsonb(array[public.fail_delivery_job(${a.n.job}::bigint - 1, ${a.lease}::uuid, 'smtp.5_1_1', permanent => true)]);

-- statement: open_purchase
insert into public.purchases (id, checkout_session_id, purchase_link_id, buyer_subject_id, scroll_id, amount_minor, currency,
                              livemode)
values (${a.new}::uuid, 'cs_test_probe' || md5(${a.new}), ${a.link}::uuid, ${a.subject}::uuid, ${a.scroll}::uuid,
        1900, 'eur', false);

-- statement: pay_purchase
update public.purchases
   set status = 'paid', paid_at = now(), payment_intent_id = 'pi_probe' || md5(${a.new})
 where id = ${a.new}::uuid;

-- statement: unlock_purchase
update public.purchases
   set unlocked_at = now()
 where id = ${a.new}::uuid;

-- statement: refund_purchase
select to_jsonb(array[public.record_refund('re_probe' || md5(${a.new}), 'pi_probe' || md5(${a.new}), 1900, 'eur',
                                           'succeeded', now())]);

-- statement: record_event
select to_jsonb(array[public.record_stripe_event('evt_probe' || md5(${a.new}), 'charge.refunded', now(), false,
                                                 '{"object": "event"}')]);

-- statement: take_event
update public.stripe_events
   set status = 'processing', lease_token = gen_random_uuid(), lease_until = now() + interval '1 minute'
 where id = 'evt_probe' || ${a.token};

-- statement: finish_event
update public.stripe_events
   set status = 'done', processed_at = now(), lease_token = null, lease_until = null
 where id = 'evt_probe' || ${a.token};

-- statement: close_card
update public.share_cards
   set revoked_at = now()
 where id = ${a.card}::uuid;

-- statement: write_scroll
insert into public.oracle_scrolls (subject_id, question, locale)
values (${a.subject}::uuid, repeat('Will it rain in Bergen? ', 100), 'nb');
