-- Reads the ledger and the real clock, and takes no lock: send right after the answer.
#variable_conflict use_column
declare
  job public.delivery_jobs;
begin
  perform wall.refuse_stale_snapshot();
  select j.* into job
    from public.delivery_jobs j
   where j.id = may_send_delivery_job.job_id
     and j.lease_token = may_send_delivery_job.lease_token
     and not j.cancel_requested;
  return job.id is not null
     and wall.job_consents_valid(job.subject_id, job.channel, job.leg, job.artifact_id)
     and job.lease_until > clock_timestamp();
end
