-- Counts pending jobs that are put off for longer than the queue ever does.
-- After an attempt the queue pauses for six hours at most, or for a day when a provider asks for that. The first
-- attempt is planned by whoever queues the job: a year leaves room for whatever is planned ahead on purpose.
select count(*)
  from public.delivery_jobs j
 where j.status = 'pending'
   and j.next_run_at > now() + interval '24 hours'
   and (j.attempts > 0 or j.next_run_at > now() + interval '1 year')
