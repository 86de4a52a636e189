-- Whoever wrote a row that rests on the consent holds the person's lock as it commits. With the lock, everything they
-- wrote is either seen here or will be refused there. Without it after 30 ms (somebody let their constraints run early
-- and keeps the lock) the decision goes on: it waits for nobody, and is marked as unsettled.
declare
  locked boolean := wall.lock_person(new.subject_id, true, 30);
  newest public.consent_events;
  first jsonb;
  rest jsonb;
  jobs bigint;
  closed bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform wall.refuse_stale_snapshot();
  end if;
  select e.* into newest
    from public.consent_events e
   where e.subject_id = new.subject_id and e.purpose = new.purpose and e.scope_id is not distinct from new.scope_id
   order by e.scope_id desc, e.id desc
   limit 1;
  if not found then  -- the same transaction went on to erase the person
    return null;
  end if;
  first := wall.follow_consent(new.subject_id, new.purpose, new.scope_id, newest.action = 'given', 'infinity');
  if locked and newest.id = new.id and first = '{"jobs": 0, "closed": 0, "left_out": false}' then
    return null;
  end if;
  rest := wall.settle_consent(new.subject_id, new.purpose, new.scope_id, newest.id, newest.action = 'given',
                              newest.created_at, not locked);
  jobs := (first -> 'jobs')::bigint + (rest -> 'jobs')::bigint;
  closed := (first -> 'closed')::bigint + (rest -> 'closed')::bigint;
  if jobs + closed > 0 then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('system', 'consent.settled', 'consent_events', new.id::text, 'done',
            jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  end if;
  return null;
end
