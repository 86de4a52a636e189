-- A lease that ran out minutes ago means that no worker is recovering the jobs of dead ones.
select count(*)
  from public.delivery_jobs j
 where j.status = 'running' and j.lease_until < now() - interval '5 minutes'
