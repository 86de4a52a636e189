-- What was decided before is not decided again. The trigger on the table refuses a job whose consents were withdrawn.
#variable_conflict use_column
declare
  job public.delivery_jobs;
  effect bigint;
begin
  if coalesce(decision, '') not in ('arrived', 'send_again') then
    raise exception 'unknown decision' using errcode = '22023', hint = 'Pass arrived or send_again.';
  end if;
  select j.* into job from public.delivery_jobs j where j.id = decide_send.job_id for update;
  select e.id into effect
    from public.delivery_effects e
   where e.job_id = job.id and e.state = 'uncertain'
     for update;
  if effect is null or job.status not in ('dead', 'parked') then
    return false;
  end if;
  update public.delivery_effects e
     set state = case when decision = 'arrived' then 'sent' else 'refused' end, settled_at = clock_timestamp()
   where e.id = effect;
  if decision = 'arrived' then
    update public.delivery_jobs j
       set status = 'done', error_class = null, finished_at = now()
     where j.id = job.id;
  else
    update public.delivery_jobs j
       set status = 'pending', attempts = 0, next_run_at = now(), finished_at = null
     where j.id = job.id;
  end if;
  perform wall.record_support_act('send.decided', 'delivery_jobs', decide_send.job_id::text,
                                  jsonb_build_object('decision', decision));
  return true;
end
