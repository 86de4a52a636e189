-- Counts running jobs without a lease, or with one that ends more than an hour from now.
select count(*)
  from public.delivery_jobs j
 where j.queued and j.status = 'running'
   and (j.lease_until is null or j.lease_token is null or j.lease_until > now() + interval '1 hour')
