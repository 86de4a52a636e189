-- Without a token only an expired lease is ended, and a job that another transaction has locked is skipped.
-- Consents are checked first. If one is withdrawn before the update, the trigger on the table refuses it and the loop
-- checks again.
-- A message whose sending was begun and has no result goes on only if its provider can be called again with the same
-- key. Otherwise it may have been sent: an operator decides, and nothing is sent meanwhile.
-- The pause has full jitter: it is random up to a limit that doubles with each attempt, at most six hours. A provider
-- can ask for up to a day.
#variable_conflict use_column
declare
  job public.delivery_jobs;
  may_leave boolean;
  waits boolean;
  stopped boolean;
  next_status text;
  effect bigint;
  repeats boolean;
begin
  if end_attempt.lease_token is null then
    select j.* into job
      from public.delivery_jobs j
     where j.id = end_attempt.job_id and j.status = 'running' and j.lease_until < now()
       for update skip locked;
  else
    select j.* into job
      from public.delivery_jobs j
     where j.id = end_attempt.job_id and j.lease_token = end_attempt.lease_token
       for update;
  end if;
  if job.id is null then
    return 'fenced';
  end if;
  waits := wall.job_waits(job.channel, job.leg);
  select e.id, wall.may_repeat(e.id) into effect, repeats
    from public.delivery_effects e
   where e.job_id = job.id and e.state = 'intent'
     for update;
  loop
    may_leave := wall.job_consents_valid(job.subject_id, job.channel, job.leg, job.artifact_id);
    stopped := not may_leave or (job.cancel_requested and not waits);
    next_status := case
                     when effect is not null
                          and (stopped or not repeats or end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts)
                       then 'dead'
                     when stopped and waits then 'waiting'
                     when stopped then 'cancelled'
                     when end_attempt.outcome = 'released' then 'pending'
                     when end_attempt.outcome = 'permanent' or job.attempts >= job.max_attempts then 'dead'
                     else 'pending'
                   end;
    begin
      update public.delivery_jobs j
         set status = next_status,
             lease_token = null,
             lease_until = null,
             worker = null,
             cancel_requested = false,
             attempts = j.attempts - (end_attempt.outcome = 'released')::integer,
             error_class = case
                             when effect is not null and next_status = 'dead' then 'send.no_answer'
                             else coalesce(end_attempt.error_class, j.error_class)
                           end,
             finished_at = case when next_status in ('dead', 'cancelled') then now() end,
             next_run_at = case
                             when end_attempt.outcome = 'released' then
                               now() + make_interval(secs => least(coalesce(end_attempt.retry_after_seconds, 0), 86400))
                             else now() + make_interval(secs => greatest(
                                    least(coalesce(end_attempt.retry_after_seconds, 0), 86400),
                                    random() * least(21600, 10 * power(2, least(j.attempts, 20)))))
                           end
       where j.id = job.id;
      exit;
    exception when insufficient_privilege then
      if not may_leave then
        raise;
      end if;
    end;
  end loop;
  if effect is not null and next_status = 'dead' then
    update public.delivery_effects e set state = 'uncertain' where e.id = effect;
  end if;
  insert into public.delivery_attempts (job_id, attempt, outcome, error_class, worker)
  values (job.id, job.attempts,
          case
            when effect is not null and next_status = 'dead' then 'uncertain'
            when stopped then 'cancelled'
            else end_attempt.outcome
          end,
          end_attempt.error_class, job.worker);
  return next_status;
end
