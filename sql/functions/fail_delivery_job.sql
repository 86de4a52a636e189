#variable_conflict use_column
begin
  if coalesce(fail_delivery_job.error_class, '') !~ '^[a-z][a-z0-9_.]{0,39}$' then
    raise exception 'error_class is a short code such as smtp.5_1_1, never a text' using errcode = '22023';
  end if;
  if fail_delivery_job.lease_token is null then
    return 'fenced';
  end if;
  return wall.end_attempt(job_id, lease_token, case when permanent then 'permanent' else 'transient' end,
                          error_class, retry_after_seconds);
end
