#variable_conflict use_column
declare
  before text;
  status_now text;
begin
  select j.status into before from public.delivery_jobs j where j.id = park_delivery_job.job_id for update;
  if before is null or before not in ('pending', 'waiting', 'dead') then
    raise exception 'job % is %: only pending, waiting and dead jobs are parked', job_id, coalesce(before, 'unknown')
      using errcode = '55000', hint = 'Wait until a running job has ended.';
  end if;
  update public.delivery_jobs j set status = 'parked' where j.id = park_delivery_job.job_id returning j.status into status_now;
  perform wall.record_support_act('job.parked', 'delivery_jobs', job_id::text,
                                  jsonb_build_object('from', before, 'reason', reason_code));
  return status_now;  -- dead, if its message was begun
end
