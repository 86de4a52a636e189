-- Step 10 of the tour: the person is deleted.

-- statement: verify
update public.privacy_requests
   set status = 'verified'
 where subject_id = ${a.subject}::uuid;

-- statement: run
update public.privacy_requests
   set status = 'running'
 where subject_id = ${a.subject}::uuid;

-- statement: erase
select e.state
  from public.privacy_requests r, public.erase_subject(r.id) e
 where r.subject_id = ${a.subject}::uuid and e.state not in ('busy', 'waiting', 'paused');

-- statement: read_purchase
select jsonb_agg(jsonb_build_object('status', p.status, 'amount_minor', p.amount_minor, 'currency', p.currency,
                                    'paid_at', p.paid_at, 'buyer_subject_id', p.buyer_subject_id,
                                    'scroll_id', p.scroll_id))
  from public.purchases p
 where p.id = ${a.purchase}::uuid;

-- statement: read_trail
select jsonb_agg(jsonb_build_object('action', e.action, 'object_table', e.object_table, 'outcome', e.outcome,
                                    'details', e.details) order by e.id)
  from public.admin_audit_events e
 where e.object_table = 'privacy_requests'
   and e.object_id in (select r.id::text from public.privacy_requests r where r.created_at = now());

-- statement: find_scroll
select s.question
  from public.oracle_scrolls s
 where s.id = ${a.scroll}::uuid;

-- statement: find_rest
select to_jsonb(array[(select count(*) from public.oracle_scrolls s where s.id = ${a.scroll}::uuid and s.question <> '')
                    + (select count(*) from public.passport_records r where r.id = ${a.passport}::uuid)]);

-- statement: write_again
insert into public.oracle_scrolls (subject_id, question)
values (${a.subject}::uuid, 'Are you still there?');

-- statement: write_sentence
insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
values ('system', 'a.b', 'products', '1', 'done', '{"note": "a sentence"}');
