-- guard_ai_run checks the output during the update.
#variable_conflict use_column
declare
  words jsonb;
begin
  update public.ai_runs r
     set status = 'promoted'
   where r.id = promote_ai_run.run_id and r.status = 'written'
  returning r.output into words;
  if words is null then
    raise exception 'this run cannot be promoted'
      using errcode = '55000', hint = 'Only a written run can be promoted, and only once.';
  end if;
  return words;
end
