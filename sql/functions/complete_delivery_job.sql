begin
  return exists (
    select from public.complete_delivery_jobs(array[complete_delivery_job.job_id], complete_delivery_job.lease_token));
end
