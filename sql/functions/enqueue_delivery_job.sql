-- A leg that may wait for a consent starts as waiting. Any other leg without its consents is refused by the trigger on
-- the table. No lock is taken: the consents are checked again at commit.
#variable_conflict use_column
declare
  setting record;
  job bigint;
  target uuid := coalesce(enqueue_delivery_job.echo_entry_id, enqueue_delivery_job.artifact_id,
                          enqueue_delivery_job.purchase_id);
begin
  if target is null then
    raise exception 'a job needs an artifact, a purchase or an Echo'
      using errcode = '22023';
  end if;
  for setting in
    select s.leg, s.max_attempts, s.support_path,
           s.waits and not wall.job_consents_valid(enqueue_delivery_job.subject_id, enqueue_delivery_job.channel,
                                                   s.leg, enqueue_delivery_job.artifact_id) as waiting
      from wall.job_settings(enqueue_delivery_job.channel) s
  loop
    insert into public.delivery_jobs
           (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id,
            status, max_attempts, next_run_at, support_path)
    values (concat_ws(':', enqueue_delivery_job.channel, setting.leg, target, enqueue_delivery_job.generation),
            enqueue_delivery_job.channel, setting.leg, enqueue_delivery_job.subject_id,
            enqueue_delivery_job.artifact_id, enqueue_delivery_job.purchase_id, enqueue_delivery_job.echo_entry_id,
            case when setting.waiting then 'waiting' else 'pending' end,
            setting.max_attempts, enqueue_delivery_job.run_at, setting.support_path)
        on conflict (idempotency_key) do nothing
    returning id into job;
    if job is null then
      select j.id into job
        from public.delivery_jobs j
       where j.idempotency_key =
             concat_ws(':', enqueue_delivery_job.channel, setting.leg, target, enqueue_delivery_job.generation);
    end if;
    return next job;
  end loop;
  if job is null then
    raise exception 'unknown delivery channel'
      using errcode = '22023', hint = 'Choose one of the channels that the rules track.';
  end if;
end
