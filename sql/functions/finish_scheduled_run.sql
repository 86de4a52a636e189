-- A run that took longer than its period is followed by the next one at once. A failed one waits for a whole period, and
-- a stopped one can be taken over by another worker at once.
#variable_conflict use_column
declare
  period interval;
begin
  if coalesce(finish_scheduled_run.outcome, '') not in ('done', 'failed', 'stopped') then
    raise exception 'unknown outcome of a scheduled run' using errcode = '22023', hint = 'Pass done, failed or stopped.';
  end if;
  if (finish_scheduled_run.outcome = 'failed') <> (finish_scheduled_run.error_class is not null) then
    raise exception 'an error class belongs to a failed run, and to no other'
      using errcode = '22023', hint = 'Pass the short code of the error with the outcome failed.';
  end if;
  select make_interval(secs => l.every_seconds) into period from wall.task_limits(finish_scheduled_run.task) l;
  update public.scheduled_runs r
     set status = finish_scheduled_run.outcome,
         error_class = finish_scheduled_run.error_class,
         finished_at = now(),
         succeeded_at = case when finish_scheduled_run.outcome = 'done' then now() else r.succeeded_at end,
         next_run_at = case finish_scheduled_run.outcome
                         when 'done' then greatest(r.started_at + period, now())
                         when 'failed' then now() + period
                         else now()
                       end,
         lease_token = null,
         lease_until = null
   where r.task = finish_scheduled_run.task
     and r.lease_token = finish_scheduled_run.lease_token;
  return found;
end
