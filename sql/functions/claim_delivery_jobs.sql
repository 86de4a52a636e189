-- Each claim gets a new token, so that a worker that lost its lease cannot change the job with its older token.
#variable_conflict use_column
declare
  token uuid := gen_random_uuid();
begin
  if coalesce(most, 0) not between 1 and 1000 or coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a claim must be for 1 to 1000 jobs and 1 to 3600 seconds' using errcode = '22023';
  end if;
  if coalesce(claim_delivery_jobs.worker !~ '^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$', true) then
    raise exception 'the name of the worker has the wrong form'
      using errcode = '22023', hint = 'Use host and process, for example host:4711.';
  end if;
  return query
  with due as materialized (
    select j.id
      from public.delivery_jobs j
     where j.status = 'pending'
       and j.next_run_at <= now()
       and (claim_delivery_jobs.channels is null or j.channel = any (claim_delivery_jobs.channels))
     order by j.priority, j.next_run_at, j.id
     limit most
       for update skip locked
  )
  update public.delivery_jobs j
     set status = 'running',
         attempts = j.attempts + 1,
         lease_token = token,
         lease_until = now() + make_interval(secs => lease_seconds),
         worker = claim_delivery_jobs.worker
    from due
   where j.id = due.id
  returning j.id, j.channel, j.leg, j.subject_id, j.artifact_id, j.purchase_id, j.echo_entry_id,
            j.attempts, j.idempotency_key, j.lease_token;
end
