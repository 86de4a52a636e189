#variable_conflict use_column
declare
  done public.delivery_jobs;
begin
  update public.delivery_jobs j
     set status = 'done', lease_token = null, lease_until = null, cancel_requested = false,
         error_class = null, finished_at = now()
   where j.id = complete_delivery_job.job_id and j.lease_token = complete_delivery_job.lease_token
  returning j.* into done;
  if done.id is null then
    return false;
  end if;
  insert into public.delivery_attempts (job_id, attempt, outcome, worker)
  values (done.id, done.attempts, 'done', done.worker);
  return true;
end
