-- Counts begun messages whose job is neither running nor planned.
select count(*)
  from public.delivery_effects e
 where e.state = 'intent'
   and (select j.status not in ('running', 'pending') from public.delivery_jobs j where j.id = e.job_id)
