-- One statement decides: the unique index lets one worker write the row, and the others then see its lease.
-- While a run is on, next_run_at is the end of its lease, so a worker that was killed is followed by another one.
#variable_conflict use_column
declare
  token uuid;
  limits record;
begin
  if coalesce(begin_scheduled_run.worker !~ '^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$', true) then
    raise exception 'the name of the worker has the wrong form'
      using errcode = '22023', hint = 'Use host and process, for example host:4711.';
  end if;
  select l.* into limits from wall.task_limits(begin_scheduled_run.task) l;
  if not found then
    raise exception 'unknown scheduled task' using errcode = '22023', hint = 'The rules list the tasks in their schedule.';
  end if;
  if coalesce(begin_scheduled_run.mode, '') <> all (case when limits.asks_stripe then array['test', 'live'] else array['none'] end) then
    raise exception 'the mode does not fit the scheduled task'
      using errcode = '22023', hint = 'A task that asks Stripe runs in the mode test or live, any other in the mode none.';
  end if;
  insert into public.scheduled_runs as r (task, mode, worker, started_at, lease_token, lease_until, next_run_at)
  values (begin_scheduled_run.task, begin_scheduled_run.mode, begin_scheduled_run.worker, now(), gen_random_uuid(),
          now() + make_interval(secs => limits.at_most_seconds), now() + make_interval(secs => limits.at_most_seconds))
      on conflict (task, mode) do update
     set status = 'running',
         worker = excluded.worker,
         started_at = excluded.started_at,
         error_class = null,
         lease_token = excluded.lease_token,
         lease_until = excluded.lease_until,
         next_run_at = excluded.next_run_at
   where r.next_run_at <= now()
  returning r.lease_token into token;
  return token;
end
