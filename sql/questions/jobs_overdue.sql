-- Counts pending jobs that have been due for more than 15 minutes.
select count(*)
  from public.delivery_jobs j
 where j.queued and j.status = 'pending' and j.next_run_at < now() - interval '15 minutes'
