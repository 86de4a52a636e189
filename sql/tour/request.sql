-- Step 9 of the tour: the person asks to be deleted.

-- statement: request
select public.request_privacy('deletion');

-- statement: read_request
select jsonb_agg(jsonb_build_object('kind', r.kind, 'status', r.status, 'due_at', r.due_at, 'subject_id', r.subject_id))
  from public.privacy_requests r
 where r.subject_id = ${a.subject}::uuid;

-- statement: request_for_a
insert into public.privacy_requests (subject_id, kind)
values (${a.subject}::uuid, 'deletion');

-- statement: find_request
select r.status
  from public.privacy_requests r
 where r.subject_id = ${a.subject}::uuid;

-- statement: erase
select e.state
  from public.privacy_requests r, public.erase_subject(r.id) e
 where r.subject_id = ${a.subject}::uuid;

-- statement: operate
select r.status
  from operations.privacy_requests r
 where r.kind = 'deletion' and r.created_at = now();
