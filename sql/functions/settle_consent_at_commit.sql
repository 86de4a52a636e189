-- Whoever wrote a row that rests on the consent holds the person's lock as it commits. With the lock, everything they
-- wrote is either seen here or will be refused there. Without it after 30 ms (somebody let their constraints run early
-- and keeps the lock) the decision goes on: it waits for nobody, and is marked as unsettled.
declare
  locked boolean := wall.lock_person(new.subject_id, true, 30);
  jobs bigint;
  closed bigint;
begin
  perform wall.refuse_stale_snapshot();
  if locked and current_setting('wall.settled', true) = pg_current_snapshot()::text then
    return null;
  end if;
  select s.jobs, s.closed into jobs, closed
    from wall.settle_consent(new.subject_id, new.purpose, new.scope_id, not locked) s;
  if jobs + closed > 0 then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('system', 'consent.settled', 'consent_events', new.id::text, 'done',
            jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  end if;
  return null;
end
