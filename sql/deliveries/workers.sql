-- When a worker was last seen: at the end of the newest attempt, and by the leases that are still valid.
select (select n.created_at from operations.newest_delivery_attempts n order by n.created_at desc limit 1) as last_attempt_at,
       l.working, l.leases_until
  from (
    select count(distinct j.worker) as working, max(j.lease_until) as leases_until
      from operations.delivery_jobs j
     where j.queued and j.status = 'running' and j.lease_until > now()
  ) l
