-- Counts running jobs whose lease ended more than five minutes ago.
select count(*)
  from public.delivery_jobs j
 where j.queued and j.status = 'running' and j.lease_until < now() - interval '5 minutes'
