-- Returns the number of changed jobs, the number of other changed rows, and 1 if a row was skipped or else 0. Rows that
-- another transaction has locked are skipped, so that fewer change than were found. Only the status of a job can
-- change, so only the status of the jobs that were found is checked again.
-- A person's jobs are found by their subject alone. Postgres would read "status = 'pending' or ..." from the index of
-- the whole queue, and would plan "id = any (found_jobs)" anew for each call.
#variable_conflict use_column
declare
  found_jobs bigint[];
  found_rows bigint;
  jobs bigint;
  closed bigint;
begin
  if apply_consent.given then
    -- Waiting e-mail legs whose consents are now all valid are queued. If a newer entry has withdrawn one meanwhile,
    -- the trigger on the table refuses the update, and settle_consent applies that entry next.
    select array_agg(j.id) into found_jobs
      from public.delivery_jobs j
     where j.subject_id = apply_consent.subject
       and j.held = 'waiting'
       and apply_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(apply_consent.purpose, j.artifact_id) is not distinct from apply_consent.scope
       and wall.job_consents_valid(j.subject_id, j.channel, j.leg, j.artifact_id);
    if found_jobs is not null then
      begin
        with due as materialized (
          select j.id
            from public.delivery_jobs j
           where j.subject_id = apply_consent.subject
             and array_position(found_jobs, j.id) is not null
             and j.status = 'waiting'
             and wall.job_consents_valid(j.subject_id, j.channel, j.leg, j.artifact_id)
             for update skip locked
        )
        update public.delivery_jobs j
           set status = 'pending', next_run_at = now()
          from due
         where j.id = due.id;
        get diagnostics jobs = row_count;
      exception when insufficient_privilege then
        null;
      end;
    end if;
  else
    -- A running job is marked for cancelling. Its worker checks the consents again before it sends.
    select array_agg(j.id) into found_jobs
      from public.delivery_jobs j
     where j.subject_id = apply_consent.subject
       and j.status in ('pending', 'running') and not (j.status = 'running' and j.cancel_requested)
       and apply_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(apply_consent.purpose, j.artifact_id) is not distinct from apply_consent.scope
       and j.created_at < apply_consent.before;
    if found_jobs is not null then
      with due as materialized (
        select j.id, wall.job_waits(j.channel, j.leg) as waits
          from public.delivery_jobs j
         where j.subject_id = apply_consent.subject
           and array_position(found_jobs, j.id) is not null
           and j.status in ('pending', 'running') and not (j.status = 'running' and j.cancel_requested)
           for update skip locked
      )
      update public.delivery_jobs j
         set status = case
                        when j.status = 'running' then 'running'
                        when due.waits then 'waiting'
                        else 'cancelled'
                      end,
             cancel_requested = j.status = 'running',
             finished_at = case when j.status = 'pending' and not due.waits then now() end
        from due
       where j.id = due.id;
      get diagnostics jobs = row_count;
    end if;

    if apply_consent.purpose in ('email_delivery', 'passport_write') then
      null;  -- the most frequent come first; nothing else depends on them
    elsif apply_consent.purpose = 'public_share' then
      select count(*) into found_rows
        from public.share_cards s
       where s.artifact_id = apply_consent.scope and s.revoked_at is null and s.created_at < apply_consent.before;
      with due as materialized (
        select s.id
          from public.share_cards s
         where s.artifact_id = apply_consent.scope and s.revoked_at is null and s.created_at < apply_consent.before
           for update skip locked
      )
      update public.share_cards s set revoked_at = now() from due where s.id = due.id;
      get diagnostics closed = row_count;
    elsif apply_consent.purpose = 'gift_recipient' then
      -- The address is deleted with the consent, also that of an accepted gift, whose recipient has an account.
      select count(*) into found_rows
        from public.gift_recipients g
       where g.artifact_id = apply_consent.scope
         and g.created_at < apply_consent.before
         and (num_nonnulls(g.accepted_at, g.withdrawn_at) = 0 or num_nonnulls(g.contact, g.recipient_name) > 0);
      with due as materialized (
        select g.id
          from public.gift_recipients g
         where g.artifact_id = apply_consent.scope
           and g.created_at < apply_consent.before
           and (num_nonnulls(g.accepted_at, g.withdrawn_at) = 0 or num_nonnulls(g.contact, g.recipient_name) > 0)
           for update skip locked
      )
      update public.gift_recipients g
         set withdrawn_at = case when g.accepted_at is null then coalesce(g.withdrawn_at, now()) end,
             contact = null,
             recipient_name = null
        from due
       where g.id = due.id;
      get diagnostics closed = row_count;
    elsif apply_consent.purpose = 'echo_followup' then
      select count(*) into found_rows
        from public.echo_entries e
       where e.subject_id = apply_consent.subject and e.status = 'scheduled' and e.created_at < apply_consent.before;
      with due as materialized (
        select e.id
          from public.echo_entries e
         where e.subject_id = apply_consent.subject and e.status = 'scheduled' and e.created_at < apply_consent.before
           for update skip locked
      )
      update public.echo_entries e set status = 'cancelled' from due where e.id = due.id;
      get diagnostics closed = row_count;
    elsif apply_consent.purpose = 'ai_processing' then
      select count(*) into found_rows
        from public.ai_runs r
       where r.subject_id = apply_consent.subject and r.status in ('requested', 'written')
         and r.created_at < apply_consent.before;
      with due as materialized (
        select r.id
          from public.ai_runs r
         where r.subject_id = apply_consent.subject and r.status in ('requested', 'written')
           and r.created_at < apply_consent.before
           for update skip locked
      )
      update public.ai_runs r set status = 'discarded' from due where r.id = due.id;
      get diagnostics closed = row_count;
    end if;
  end if;
  return array[coalesce(jobs, 0), coalesce(closed, 0),
               (coalesce(jobs, 0) < coalesce(cardinality(found_jobs), 0)
                or coalesce(closed, 0) < coalesce(found_rows, 0))::integer];
end
