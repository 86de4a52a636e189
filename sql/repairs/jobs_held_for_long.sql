-- Gives such a job a lease that ends within an hour. Its worker can still finish; otherwise the job is recovered.
update public.delivery_jobs j
   set lease_token = coalesce(j.lease_token, gen_random_uuid()),
       lease_until = least(j.lease_until, now() + interval '1 hour')
 where j.queued and j.status = 'running'
   and (j.lease_until is null or j.lease_token is null or j.lease_until > now() + interval '1 hour');
