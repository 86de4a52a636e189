-- Words that were taken over from a run that has none came from somewhere else than the staging table.
select count(*)
  from public.ai_runs r
 where r.status = 'promoted' and (r.output is null or r.promoted_at is null)
