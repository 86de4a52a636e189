-- How long the oldest due job has waited, whether a worker is active, and when the last attempt was.
select (select extract(epoch from now() - min(j.next_run_at))::float
          from public.delivery_jobs j
         where j.status = 'pending' and j.next_run_at <= now()) as lag,
       (select count(*)
          from public.delivery_jobs j
         where j.status = 'running' and j.lease_until > now()) as running,
       (select extract(epoch from now() - a.created_at)::float
          from public.delivery_attempts a
         order by a.id desc
         limit 1) as since_attempt
