#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  perform wall.refuse_stale_snapshot();
  select j.* into job
    from public.delivery_jobs j
   where j.id = delivery_address.job_id
     and j.lease_token = delivery_address.lease_token
     and j.leg = 'email'
     and not j.cancel_requested;
  if job.id is null
     or job.lease_until <= clock_timestamp()
     or not wall.job_consents_valid(job.subject_id, job.channel, job.leg, job.artifact_id) then
    return null;
  end if;
  return wall.job_address(job.subject_id, job.channel, job.artifact_id);
end
