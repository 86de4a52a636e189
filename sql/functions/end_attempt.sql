-- Full jitter: a random pause up to a limit that doubles with each attempt, six hours at most.
#variable_conflict use_column
declare
  job public.delivery_jobs;
  waits boolean;
  next_status text;
begin
  select j.* into job from public.delivery_jobs j where j.id = end_attempt.job_id and j.status = 'running';
  if job.id is null then
    return 'fenced';
  end if;
  select s.waits into waits from wall.job_settings(job.channel) s where s.leg = job.leg;
  next_status := case
                   when job.cancel_requested and waits then 'waiting'
                   when job.cancel_requested then 'cancelled'
                   when end_attempt.outcome = 'released' then 'pending'
                   when end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts then 'dead'
                   else 'pending'
                 end;
  update public.delivery_jobs j
     set status = next_status,
         lease_token = null,
         lease_until = null,
         worker = null,
         cancel_requested = false,
         attempts = j.attempts - (end_attempt.outcome = 'released')::integer,
         error_class = coalesce(end_attempt.error_class, j.error_class),
         finished_at = case when next_status in ('dead', 'cancelled') then now() end,
         next_run_at = case
                         when end_attempt.outcome = 'released' then now()
                         else now() + make_interval(secs => greatest(
                                coalesce(end_attempt.retry_after_seconds, 0),
                                random() * least(21600, 10 * power(2, least(j.attempts, 20)))))
                       end
   where j.id = job.id;
  insert into public.delivery_attempts (job_id, attempt, outcome, error_class, worker)
  values (job.id, job.attempts, case when job.cancel_requested then 'cancelled' else end_attempt.outcome end,
          end_attempt.error_class, job.worker);
  return next_status;
end
