-- Counts AI runs that were adopted without an output or without a time.
select count(*)
  from public.ai_runs r
 where r.status = 'promoted' and (r.output is null or r.promoted_at is null)
