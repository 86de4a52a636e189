-- The id and the token find a job, because only a running job has a token. An id that is not returned was lost: its
-- lease ended, and the job is somebody else's. With "(select ...)" Postgres plans the query once, and not for each
-- number of jobs.
#variable_conflict use_column
begin
  if cardinality(job_ids) > 1000 then
    raise exception 'at most 1000 jobs are completed at once' using errcode = '22023';
  end if;
  return query
  update public.delivery_jobs j
     set status = 'done', lease_token = null, lease_until = null, cancel_requested = false,
         error_class = null, finished_at = now()
   where j.id = any ((select complete_delivery_jobs.job_ids)::bigint[]) and j.lease_token = complete_delivery_jobs.lease_token
  returning j.id;
end
