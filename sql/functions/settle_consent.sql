-- Makes everything follow the newest entry of the ledger. Waits for nobody: rows that somebody else holds are left out,
-- the consent is then marked as unsettled, and settle_consents comes back to it. Until then whoever uses such a row
-- asks the ledger: may_send_delivery_job, open_share_card, accept_gift.
#variable_conflict use_column
declare
  entry public.consent_events := wall.newest_consent(settle_consent.subject, settle_consent.purpose, settle_consent.scope);
  left_out boolean := settle_consent.incomplete;
  reached bigint;
begin
  jobs := 0;
  closed := 0;
  if entry.id is null then
    return next;
    return;
  end if;

  if entry.action = 'given' then
    -- E-mail legs that waited for this consent, and now miss none, join the queue.
    with due as materialized (
      select j.id
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and j.status = 'waiting'
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope
         and wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id)
         for update skip locked
    )
    update public.delivery_jobs j
       set status = 'pending', next_run_at = now()
      from due
     where j.id = due.id;
    get diagnostics jobs = row_count;
    left_out := left_out or exists (
      select
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and j.status = 'waiting'
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope
         and wall.job_consents_stand(j.subject_id, j.channel, j.leg, j.artifact_id));
  else
    -- A running job is asked to stop: its worker asks once more before anything leaves.
    with due as materialized (
      select j.id, wall.job_waits(j.channel, j.leg) as waits
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope
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
    left_out := left_out or exists (
      select
        from public.delivery_jobs j
       where j.subject_id = settle_consent.subject
         and (j.status = 'pending' or j.status = 'running' and not j.cancel_requested)
         and settle_consent.purpose = any (wall.job_purposes(j.channel, j.leg))
         and wall.consent_scope(settle_consent.purpose, j.artifact_id) is not distinct from settle_consent.scope);

    if settle_consent.purpose = 'public_share' then
      with due as materialized (
        select s.id
          from public.share_cards s
         where s.artifact_id = settle_consent.scope and s.revoked_at is null
           for update skip locked
      )
      update public.share_cards s set revoked_at = now() from due where s.id = due.id;
      get diagnostics closed = row_count;
      left_out := left_out or exists (
        select from public.share_cards s where s.artifact_id = settle_consent.scope and s.revoked_at is null);
    elsif settle_consent.purpose = 'gift_recipient' then
      -- The address goes with the consent to use it, also of a gift that was accepted: its recipient has an account now.
      with due as materialized (
        select g.id
          from public.gift_recipients g
         where g.artifact_id = settle_consent.scope
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
      left_out := left_out or exists (
        select
          from public.gift_recipients g
         where g.artifact_id = settle_consent.scope
           and (num_nonnulls(g.accepted_at, g.withdrawn_at) = 0 or num_nonnulls(g.contact, g.recipient_name) > 0));
    elsif settle_consent.purpose = 'echo_followup' then
      with due as materialized (
        select e.id
          from public.echo_entries e
         where e.subject_id = settle_consent.subject and e.status = 'scheduled'
           for update skip locked
      )
      update public.echo_entries e set status = 'cancelled' from due where e.id = due.id;
      get diagnostics closed = row_count;
      left_out := left_out or exists (
        select from public.echo_entries e where e.subject_id = settle_consent.subject and e.status = 'scheduled');
    elsif settle_consent.purpose = 'ai_processing' then
      with due as materialized (
        select r.id
          from public.ai_runs r
         where r.subject_id = settle_consent.subject and r.status = 'requested'
           for update skip locked
      )
      update public.ai_runs r set status = 'discarded' from due where r.id = due.id;
      get diagnostics closed = row_count;
      left_out := left_out or exists (
        select from public.ai_runs r where r.subject_id = settle_consent.subject and r.status = 'requested');
    end if;
  end if;

  -- The copy last, with its mark. A first copy is written by one transaction at a time, and by none that would wait.
  if not exists (
       select
         from public.consents c
        where c.subject_id = settle_consent.subject and c.purpose = settle_consent.purpose
          and c.scope_id is not distinct from settle_consent.scope)
     and pg_try_advisory_xact_lock(hashtextextended(
           concat_ws(' ', 'consent', settle_consent.subject, settle_consent.purpose, settle_consent.scope), 0)) then
    insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled)
    values (settle_consent.subject, settle_consent.purpose, settle_consent.scope, entry.action = 'given', entry.id,
            entry.created_at, left_out)
        on conflict (subject_id, purpose, scope_id) do nothing;
    get diagnostics reached = row_count;
  end if;
  if coalesce(reached, 0) = 0 then
    with due as materialized (
      select c.id
        from public.consents c
       where c.subject_id = settle_consent.subject and c.purpose = settle_consent.purpose
         and c.scope_id is not distinct from settle_consent.scope
         and (c.event_id, c.unsettled) is distinct from (entry.id, left_out)
         for update skip locked
    )
    update public.consents c
       set standing = entry.action = 'given',
           event_id = entry.id,
           changed_at = entry.created_at,
           unsettled = left_out
      from due
     where c.id = due.id;
  end if;
  return next;
end
