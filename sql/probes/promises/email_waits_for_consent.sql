-- Statements that show whether email_waits_for_consent holds; each is tried by itself and rolled back.

-- statement: queue_email
select public.enqueue_delivery_job('email', ${refuser.subject}::uuid, ${refuser.pdf}::uuid);

-- statement: queue_email_by_hand
insert into public.delivery_jobs (id, idempotency_key, channel, leg, subject_id, artifact_id, support_path)
overriding system value
values (${refuser.n.new}::bigint, 'email:email:' || ${refuser.pdf} || ':9', 'email', 'email', ${refuser.subject}::uuid,
        ${refuser.pdf}::uuid, '/operate/queue?channel=email');

-- statement: queue_gift
select public.enqueue_delivery_job('gift', ${refuser.subject}::uuid, ${refuser.gift}::uuid);

-- statement: queue_echo
select public.enqueue_delivery_job('echo', ${refuser.subject}::uuid, null, null, ${refuser.echo}::uuid);

-- statement: queue_receipt
select public.enqueue_delivery_job('receipt', ${refuser.subject}::uuid, null, ${refuser.purchase}::uuid, null, 9);

-- statement: read_receipt_legs
select jsonb_agg(j.leg || ' ' || j.status order by j.leg)
  from public.delivery_jobs j
 where j.idempotency_key like 'receipt:%:9'
   and j.purchase_id = ${refuser.purchase}::uuid
   and j.subject_id = ${refuser.subject}::uuid;

-- statement: withdraw_email_delivery
select public.withdraw_consent('email_delivery', gen_random_uuid());

-- statement: count_pending_emails
select jsonb_build_array(count(*))
  from public.delivery_jobs j
 where j.subject_id = ${a.subject}::uuid
   and j.leg = 'email'
   and j.status = 'pending';
