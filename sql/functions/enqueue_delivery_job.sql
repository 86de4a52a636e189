-- A leg that may wait for a consent starts as waiting. Any other leg without its consents is refused by the trigger on
-- the table. No lock is taken: the consents are checked again at commit.
-- A delivery whose job was pruned is told as it ended, and is not queued.
-- The key has a digest of the person and of what is delivered: the buyer and the recipient of one purchase get a job
-- each, and a provider that is sent the key learns neither id.
#variable_conflict use_column
declare
  setting record;
  target uuid := coalesce(enqueue_delivery_job.echo_entry_id, enqueue_delivery_job.artifact_id,
                          enqueue_delivery_job.purchase_id);
  digest text := left(encode(sha256(uuid_send(enqueue_delivery_job.subject_id) || uuid_send(target)), 'hex'), 32);
  key text;
begin
  if target is null or enqueue_delivery_job.subject_id is null then
    raise exception 'a job needs a person, and an artifact, a purchase or an Echo'
      using errcode = '22023';
  end if;
  for setting in
    select s.leg, s.max_attempts, s.support_path,
           s.waits and not wall.job_consents_valid(enqueue_delivery_job.subject_id, enqueue_delivery_job.channel,
                                                   s.leg, enqueue_delivery_job.artifact_id) as waiting
      from wall.job_settings(enqueue_delivery_job.channel) s
  loop
    leg := setting.leg;
    key := concat_ws(':', enqueue_delivery_job.channel, setting.leg, digest, enqueue_delivery_job.generation);
    insert into public.delivery_jobs
           (idempotency_key, channel, leg, subject_id, artifact_id, purchase_id, echo_entry_id,
            status, max_attempts, next_run_at, support_path)
    select key,
            enqueue_delivery_job.channel, setting.leg, enqueue_delivery_job.subject_id,
            enqueue_delivery_job.artifact_id, enqueue_delivery_job.purchase_id, enqueue_delivery_job.echo_entry_id,
            case when setting.waiting then 'waiting' else 'pending' end,
            setting.max_attempts, enqueue_delivery_job.run_at, setting.support_path
     where not exists (select from public.delivery_records r where r.idempotency_key = key)
        on conflict (idempotency_key) do nothing
    returning id, status into job_id, status;
    made := found;
    if not made then
      select j.id, j.status into job_id, status from public.delivery_jobs j where j.idempotency_key = key;
      if not found then
        select r.id, r.status into job_id, status from public.delivery_records r where r.idempotency_key = key;
      end if;
    end if;
    return next;
  end loop;
  if leg is null then
    raise exception 'unknown delivery channel'
      using errcode = '22023', hint = 'Choose one of the channels that the rules track.';
  end if;
end
