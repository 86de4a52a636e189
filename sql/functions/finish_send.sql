-- A refusal of a repeated call does not tell what became of the first one: its intent stays, and in the end it is
-- uncertain.
-- A result is recorded also when the lease has ended meanwhile: what was sent was sent. A job that was already in front
-- of an operator is done then, and one that another worker has taken over is completed by that worker.
#variable_conflict use_column
declare
  job public.delivery_jobs;
  effect public.delivery_effects;
  holds boolean;
begin
  if coalesce(finish_send.outcome, '') not in ('sent', 'refused', 'uncertain') then
    raise exception 'unknown outcome' using errcode = '22023', hint = 'Pass sent, refused or uncertain.';
  end if;
  if finish_send.outcome <> 'sent' and coalesce(finish_send.error_class, '') !~ '^[a-z][a-z0-9_.]{0,39}$' then
    raise exception 'error_class is a short code such as smtp.5_1_1, never a text' using errcode = '22023';
  end if;
  select j.* into job from public.delivery_jobs j where j.id = finish_send.job_id for update;
  select e.* into effect
    from public.delivery_effects e
   where e.job_id = job.id and e.state in ('intent', 'uncertain') and e.lease_token = finish_send.lease_token
     for update;
  if effect.id is null then
    return 'fenced';
  end if;
  holds := coalesce(job.lease_token = finish_send.lease_token, false);
  if finish_send.outcome = 'sent' or finish_send.outcome = 'refused' and effect.calls = 1 then
    update public.delivery_effects e
       set state = finish_send.outcome, provider_id = finish_send.provider_id, settled_at = clock_timestamp()
     where e.id = effect.id;
  end if;
  if holds and finish_send.outcome <> 'sent' then
    return wall.end_attempt(job.id, job.lease_token, case when permanent then 'permanent' else 'transient' end,
                            finish_send.error_class, retry_after_seconds);
  end if;
  if finish_send.outcome = 'sent' and (holds or job.status in ('dead', 'parked')) then
    update public.delivery_jobs j
       set status = 'done', lease_token = null, lease_until = null, cancel_requested = false, error_class = null,
           finished_at = now()
     where j.id = job.id;
    return 'done';
  end if;
  return job.status;
end
