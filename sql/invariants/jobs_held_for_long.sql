-- No function leases a job for more than an hour: one that is held for longer, or by no lease, is never recovered.
select count(*)
  from public.delivery_jobs j
 where j.status = 'running'
   and (j.lease_until is null or j.lease_token is null or j.lease_until > now() + interval '1 hour')
