-- Step 5 of the tour: jobs are queued, and a worker takes one.

-- statement: queue_pdf
select public.enqueue_delivery_job('pdf', ${a.subject}::uuid, ${a.pdf}::uuid);

-- statement: queue_email
select public.enqueue_delivery_job('email', ${a.subject}::uuid, ${a.pdf}::uuid);

-- statement: lease
update public.delivery_jobs
   set status = 'running', attempts = attempts + 1, worker = 'tour', lease_token = ${a.lease}::uuid,
       lease_until = now() + interval '1 minute'
 where subject_id = ${a.subject}::uuid and channel = 'email';

-- statement: read_jobs
select jsonb_agg(jsonb_build_object('channel', j.channel, 'status', j.status, 'attempts', j.attempts,
                                    'next_run_at', j.next_run_at, 'support_path', j.support_path) order by j.id)
  from public.delivery_jobs j
 where j.subject_id = ${a.subject}::uuid and j.channel in ('pdf', 'email');

-- statement: complete_without_lease
select to_jsonb(array[public.complete_delivery_job(j.id, gen_random_uuid())])
  from public.delivery_jobs j
 where j.subject_id = ${a.subject}::uuid and j.channel = 'email';

-- statement: complete_with_lease
select to_jsonb(array[public.complete_delivery_job(j.id, ${a.lease}::uuid)])
  from public.delivery_jobs j
 where j.subject_id = ${a.subject}::uuid and j.channel = 'email';

-- statement: operate
select j.status
  from operations.delivery_jobs j
 where j.worker = 'tour';

-- statement: find_jobs
select j.status
  from public.delivery_jobs j
 where j.subject_id = ${a.subject}::uuid;
