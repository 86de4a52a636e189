-- How long the oldest due job has waited, whether a worker is active, and when the last attempt was.
select (select extract(epoch from now() - min(j.next_run_at))::float
          from public.delivery_jobs j
         where j.queued and j.status = 'pending' and j.next_run_at <= now()) as lag,
       (select count(*)
          from public.delivery_jobs j
         where j.queued and j.status = 'running' and j.lease_until > now()) as running,
       (select extract(epoch from now() - greatest(
                 (select a.created_at from public.delivery_attempts a order by a.id desc limit 1),
                 (select d.finished_at
                    from public.delivery_jobs d
                   where d.finished_at is not null and d.status = 'done'
                   order by d.finished_at desc
                   limit 1)))::float) as since_attempt
