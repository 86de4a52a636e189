-- One call looks at few jobs and is one short transaction. Locked jobs are left for the next time.
#variable_conflict use_column
declare
  seen bigint[];
  gone bigint[];
begin
  if coalesce(most, 0) not between 1 and 1000 then
    raise exception 'a call looks at 1 to 1000 jobs' using errcode = '22023';
  end if;
  seen := array(
    select j.id
      from public.delivery_jobs j
     where j.finished_at is not null
       and j.finished_at >= coalesce(prune_deliveries.after_time, '-infinity')
       and (j.finished_at, j.id) > (coalesce(prune_deliveries.after_time, '-infinity'), coalesce(prune_deliveries.after_job, 0))
       and j.finished_at < now() - make_interval(days => wall.kept_days())
     order by j.finished_at, j.id
     limit most);
  gone := array(
    select j.id
      from public.delivery_jobs j
     where j.id = any (seen) and wall.job_may_go(j.id)
       for update skip locked);
  insert into public.delivery_records (id) select g.id from unnest(gone) as g (id);
  delete from public.delivery_jobs j where j.id = any (gone);
  get diagnostics pruned = row_count;
  if pruned > 0 then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('worker', 'jobs.pruned', 'delivery_jobs', gone[1]::text, 'done',
            jsonb_build_object('jobs', pruned, 'days', wall.kept_days()));
  end if;
  if cardinality(seen) = most then
    reached_job := seen[most];
    reached_time := (select j.finished_at from public.delivery_jobs j where j.id = reached_job);
    reached_time := coalesce(reached_time, (select r.finished_at from public.delivery_records r where r.id = reached_job));
  end if;
  return next;
end
