#variable_conflict use_column
begin
  return release_delivery_job.lease_token is not null
     and wall.end_attempt(job_id, lease_token, 'released', null, pause_seconds) <> 'fenced';
end
