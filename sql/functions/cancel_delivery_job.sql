#variable_conflict use_column
declare
  before text;
begin
  select j.status into before from public.delivery_jobs j where j.id = cancel_delivery_job.job_id for update;
  if before = 'cancelled' then
    return false;
  end if;
  if before is null or before not in ('pending', 'waiting', 'dead', 'parked') then
    raise exception 'job % is %: only pending, waiting, dead and parked jobs are cancelled', job_id, coalesce(before, 'unknown')
      using errcode = '55000', hint = 'Wait until a running job has ended.';
  end if;
  if exists (select from public.delivery_effects e where e.job_id = cancel_delivery_job.job_id and e.state in ('intent', 'uncertain')) then
    raise exception 'job % may have been sent', job_id
      using errcode = '55000', hint = 'Park it if it is pending. Then decide whether its message arrived.';
  end if;
  update public.delivery_jobs j
     set status = 'cancelled', finished_at = now()
   where j.id = cancel_delivery_job.job_id;
  perform wall.record_support_act('job.cancelled', 'delivery_jobs', job_id::text,
                                  jsonb_build_object('from', before, 'reason', reason_code));
  return true;
end
