-- Every consent is held until the caller's transaction ends: send inside it, or ask again.
#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  select j.* into job
    from public.delivery_jobs j
   where j.id = may_send_delivery_job.job_id
     and j.lease_token = may_send_delivery_job.lease_token
     and j.lease_until > now()
     and not j.cancel_requested;
  return job.id is not null
     and wall.hold_job_consents(job.subject_id, job.channel, job.leg, job.artifact_id);
end
