-- Step 4 of the tour: the person decides for three purposes.

-- statement: allow_email
select public.give_consent('email_delivery', n.id, gen_random_uuid())
  from public.consent_notices n
 where n.purpose = 'email_delivery' and n.locale = 'en'
 order by n.version desc
 limit 1;

-- statement: allow_share
select public.give_consent('public_share', n.id, gen_random_uuid(), ${a.share_card}::uuid)
  from public.consent_notices n
 where n.purpose = 'public_share' and n.locale = 'en'
 order by n.version desc
 limit 1;

-- statement: allow_passport
select public.give_consent('passport_write', n.id, gen_random_uuid())
  from public.consent_notices n
 where n.purpose = 'passport_write' and n.locale = 'en'
 order by n.version desc
 limit 1;

-- statement: read_ledger
select jsonb_agg(jsonb_build_object('purpose', e.purpose, 'action', e.action, 'subject_id', e.subject_id) order by e.id)
  from public.consent_events e
 where e.subject_id = ${a.subject}::uuid;

-- statement: read_state
select jsonb_agg(jsonb_build_object('purpose', c.purpose, 'standing', c.standing) order by c.purpose)
  from public.consents c
 where c.subject_id = ${a.subject}::uuid;

-- statement: allow_for_a
insert into public.consent_events (request_id, subject_id, purpose, action)
values (gen_random_uuid(), ${a.subject}::uuid, 'echo_followup', 'withdrawn');

-- statement: find_ledger
select e.purpose
  from public.consent_events e
 where e.subject_id = ${a.subject}::uuid;

-- statement: change_state
update public.consents
   set standing = not standing
 where subject_id = ${a.subject}::uuid;

-- statement: queue_email
select public.enqueue_delivery_job('email', ${a.subject}::uuid, ${a.pdf}::uuid);
