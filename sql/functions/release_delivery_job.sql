#variable_conflict use_column
begin
  perform
     from public.delivery_jobs j
    where j.id = release_delivery_job.job_id and j.lease_token = release_delivery_job.lease_token
      for update;
  if not found then
    return false;
  end if;
  perform wall.end_attempt(job_id, 'released', null, null);
  return true;
end
