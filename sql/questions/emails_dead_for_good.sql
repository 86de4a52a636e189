-- Counts dead e-mail jobs whose last attempt had a permanent error.
select count(*)
  from public.delivery_jobs j
 where j.held = 'dead' and j.leg = 'email'
   and 'permanent' = (
         select a.outcome from public.delivery_attempts a where a.job_id = j.id order by a.attempt desc, a.id desc limit 1)
