-- Everything follows at once, and once more as the transaction commits (settle_consent_at_commit).
-- The first decision of a transaction notes what it saw: if nothing was committed since, there is nothing more to settle.
declare
  jobs bigint;
  closed bigint;
begin
  if coalesce(current_setting('wall.settled', true), '') = '' then
    perform set_config('wall.settled', pg_current_snapshot()::text, true);
  end if;
  select s.jobs, s.closed into jobs, closed
    from wall.settle_consent(new.subject_id, new.purpose, new.scope_id, false) s;
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('subject', 'consent.' || new.action, 'consent_events', new.id::text, 'done',
          jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  return null;
end
