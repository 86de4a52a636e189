-- Attempts start again from 0. The trigger on the table checks the consents again.
#variable_conflict use_column
declare
  before text;
begin
  select j.status into before from public.delivery_jobs j where j.id = retry_delivery_job.job_id for update;
  if before is null or before not in ('dead', 'parked') then
    raise exception 'job % is %: only dead and parked jobs are retried', job_id, coalesce(before, 'unknown')
      using errcode = '55000', hint = 'Look at the job''s state first.';
  end if;
  if exists (select from public.delivery_effects e where e.job_id = retry_delivery_job.job_id and e.state = 'uncertain') then
    raise exception 'job % may have been sent', job_id
      using errcode = '55000', hint = 'Decide first whether its message arrived.';
  end if;
  update public.delivery_jobs j
     set status = 'pending', attempts = 0, next_run_at = now(), finished_at = null
   where j.id = retry_delivery_job.job_id;
  perform wall.record_support_act('job.retried', 'delivery_jobs', job_id::text,
                                  jsonb_build_object('from', before, 'reason', reason_code));
  return 'pending';
end
