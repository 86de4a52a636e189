-- A job that has been due for a quarter of an hour has no worker, or too few of them.
select count(*)
  from public.delivery_jobs j
 where j.status = 'pending' and j.next_run_at < now() - interval '15 minutes'
