-- Derives what stands from the entry that was just written. When two entries race, the later number decides.
declare
  jobs bigint := 0;
  closed bigint := 0;
begin
  perform pg_advisory_xact_lock(hashtextextended('consents of ' || new.subject_id, 0));
  insert into public.consents as c (subject_id, purpose, scope_id, standing, event_id, changed_at)
  values (new.subject_id, new.purpose, new.scope_id, new.action = 'given', new.id, new.created_at)
      on conflict (subject_id, purpose, scope_id) do update
     set standing = excluded.standing, event_id = excluded.event_id, changed_at = excluded.changed_at
   where c.event_id < excluded.event_id;
  if not found then
    return null;
  end if;

  if new.action = 'given' then
    -- E-mail legs that waited for this consent, and now miss none, join the queue.
    update public.delivery_jobs j
       set status = 'pending', next_run_at = now()
     where j.subject_id = new.subject_id
       and j.status = 'waiting'
       and new.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(new.purpose, j.artifact_id) is not distinct from new.scope_id
       and wall.hold_job_consents(j.subject_id, j.channel, j.leg, j.artifact_id);
    get diagnostics jobs = row_count;
  else
    -- A running job is asked to stop: its worker asks once more before anything leaves.
    update public.delivery_jobs j
       set status = case
                      when j.status = 'running' then 'running'
                      when (select bool_or(s.waits) from wall.job_settings(j.channel) s where s.leg = j.leg) then 'waiting'
                      else 'cancelled'
                    end,
           cancel_requested = j.status = 'running',
           finished_at = case
                           when j.status = 'pending'
                            and not (select bool_or(s.waits) from wall.job_settings(j.channel) s where s.leg = j.leg)
                           then now()
                         end
     where j.subject_id = new.subject_id
       and j.status in ('pending', 'running')
       and new.purpose = any (wall.job_purposes(j.channel, j.leg))
       and wall.consent_scope(new.purpose, j.artifact_id) is not distinct from new.scope_id;
    get diagnostics jobs = row_count;

    if new.purpose = 'public_share' then
      update public.share_cards s
         set revoked_at = now()
       where s.artifact_id = new.scope_id and s.revoked_at is null;
      get diagnostics closed = row_count;
    elsif new.purpose = 'gift_recipient' then
      update public.gift_recipients g
         set withdrawn_at = now()
       where g.artifact_id = new.scope_id and g.accepted_at is null and g.withdrawn_at is null;
      get diagnostics closed = row_count;
    elsif new.purpose = 'echo_followup' then
      update public.echo_entries e
         set status = 'cancelled'
       where e.subject_id = new.subject_id and e.status = 'scheduled';
      get diagnostics closed = row_count;
    elsif new.purpose = 'ai_processing' then
      update public.ai_runs r
         set status = 'discarded'
       where r.subject_id = new.subject_id and r.status in ('requested', 'written');
      get diagnostics closed = row_count;
    end if;
  end if;

  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('subject', 'consent.' || new.action, 'consent_events', new.id::text, 'done',
          jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  return null;
end
