-- Counts pending jobs that are postponed for longer than the queue ever does.
-- After an attempt the queue pauses for at most six hours, or a day when a provider asks for it. The caller of
-- enqueue_delivery_job sets the time of the first attempt, so up to a year is allowed.
select count(*)
  from public.delivery_jobs j
 where j.queued and j.status = 'pending'
   and j.next_run_at > now() + interval '24 hours'
   and (j.attempts > 0 or j.next_run_at > now() + interval '1 year')
