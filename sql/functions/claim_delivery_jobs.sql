-- Each claim gets a new token, so that a worker that lost its lease cannot change the job with its older token.
-- A claim writes no index: each has only columns that a claim leaves as they are. Running jobs therefore stay among the
-- queued ones, and a claim passes over them.
-- Jobs of one priority are claimed at a time: what is due is then one range of an index, and the claim never reads
-- jobs of the future. While an old transaction is open, the entries of claimed jobs stay in the index. A claim that
-- begins behind a job that was claimed before does not read them again, and finds nothing that comes before that job.
-- The worker therefore begins at the front now and then.
-- A value as "(select value)" lets Postgres plan a query once. It would plan it for each value, which takes longer than
-- the query.
#variable_conflict use_column
declare
  token uuid := gen_random_uuid();
  level integer := -32769;
  from_time timestamptz;
  from_job bigint := 0;
  remaining integer := most;
  taken integer;
begin
  if coalesce(most, 0) not between 1 and 1000 or coalesce(lease_seconds, 0) not between 1 and 3600 then
    raise exception 'a claim must be for 1 to 1000 jobs and 1 to 3600 seconds' using errcode = '22023';
  end if;
  if coalesce(claim_delivery_jobs.worker !~ '^[a-z0-9][a-z0-9.-]{0,40}(?::[0-9]{1,10}){0,2}$', true) then
    raise exception 'the name of the worker has the wrong form'
      using errcode = '22023', hint = 'Use host and process, for example host:4711.';
  end if;
  if after_job is not null then
    select j.priority, j.next_run_at, j.id into level, from_time, from_job
      from public.delivery_jobs j
     where j.id = after_job;
    level := coalesce(level, -32769);
  end if;

  while remaining > 0 loop
    if from_time is null then
      if claim_delivery_jobs.channels is null then
        select j.priority into level
          from public.delivery_jobs j
         where j.queued and j.priority > (select level)
         order by j.priority
         limit 1;
      else
        select min(l.priority) into level
          from unnest(claim_delivery_jobs.channels) as c (channel)
         cross join lateral (
                 select j.priority
                   from public.delivery_jobs j
                  where j.queued and j.channel = c.channel and j.priority > (select level)
                  order by j.priority
                  limit 1) l;
      end if;
      exit when level is null;
      from_time := '-infinity';
      from_job := 0;
    end if;

    if claim_delivery_jobs.channels is null then
      return query
      with claimed as (
      update public.delivery_jobs j
         set status = 'running', attempts = j.attempts + 1, lease_token = token,
             lease_until = now() + make_interval(secs => lease_seconds), worker = claim_delivery_jobs.worker
       where j.id = any (array(
               select d.id
                 from public.delivery_jobs d
                where d.queued and d.status = 'pending' and d.priority = (select level) and d.next_run_at <= now()
                  and (d.next_run_at, d.id) > ((select from_time), (select from_job))
                order by d.next_run_at, d.id
                limit (select remaining)
                  for update skip locked))
      returning j.id, j.channel, j.leg, j.subject_id, j.artifact_id, j.purchase_id, j.echo_entry_id,
                j.attempts, j.idempotency_key, j.lease_token)
      select c.* from claimed c order by c.id;
    else
      return query
      with claimed as (
      update public.delivery_jobs j
         set status = 'running', attempts = j.attempts + 1, lease_token = token,
             lease_until = now() + make_interval(secs => lease_seconds), worker = claim_delivery_jobs.worker
       where j.id = any (array(
               select f.id
                 from unnest(claim_delivery_jobs.channels) as c (channel)
                cross join lateral (
                        select d.id, d.next_run_at
                          from public.delivery_jobs d
                         where d.queued and d.status = 'pending' and d.channel = c.channel and d.priority = (select level)
                           and d.next_run_at <= now()
                           and (d.next_run_at, d.id) > ((select from_time), (select from_job))
                         order by d.next_run_at, d.id
                         limit (select remaining)
                           for update skip locked) f
                order by f.next_run_at, f.id
                limit (select remaining)))
      returning j.id, j.channel, j.leg, j.subject_id, j.artifact_id, j.purchase_id, j.echo_entry_id,
                j.attempts, j.idempotency_key, j.lease_token)
      select c.* from claimed c order by c.id;
    end if;
    get diagnostics taken = row_count;
    remaining := remaining - taken;
    from_time := null;
  end loop;
end
