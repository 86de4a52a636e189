-- A dead letter is something that was promised and did not arrive; only a person can decide what becomes of it.
select count(*)
  from public.delivery_jobs j
 where j.status = 'dead'
