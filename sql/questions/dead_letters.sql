-- Counts jobs that are dead letters.
select count(*)
  from public.delivery_jobs j
 where j.held = 'dead'
