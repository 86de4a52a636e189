-- Whoever wrote a row that rests on the consent holds the person's lock as it commits. With the lock, everything they
-- wrote is either seen here or will be refused there. Without it after 30 ms (somebody let their constraints run early
-- and keeps the lock) the decision goes on: it waits for nobody, and is marked as unsettled.
-- A consent that was given lets nothing but waiting jobs go on: where there is none, nothing follows. The copy is compared
-- once more, because another decision may have held it meanwhile.
declare
  locked boolean := wall.lock_person(new.subject_id, true, 30);
  newest bigint;
  given boolean;
  decided timestamptz;
  rests boolean;
  copied bigint;
  followed bigint[];
  rest jsonb;
  jobs bigint;
  closed bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform wall.refuse_stale_snapshot();
  end if;
  select e.id, e.action = 'given', e.created_at,
         e.action <> 'given'
           or exists (select from public.delivery_jobs j where j.subject_id = new.subject_id and j.status = 'waiting'),
         k.event_id
    into newest, given, decided, rests, copied
    from public.consent_events e
    left join public.consents k
           on k.subject_id = e.subject_id and k.purpose = e.purpose and k.scope_id is not distinct from e.scope_id
   where e.subject_id = new.subject_id and e.purpose = new.purpose and e.scope_id is not distinct from new.scope_id
   order by e.scope_id desc, e.id desc
   limit 1;
  if newest is null then  -- the same transaction went on to erase the person
    return null;
  end if;
  if rests then
    followed := wall.follow_consent(new.subject_id, new.purpose, new.scope_id, given, 'infinity');
    rests := followed <> '{0,0,0}';
  end if;
  if locked and newest = new.id and newest = copied and not rests then
    return null;
  end if;
  rest := wall.settle_consent(new.subject_id, new.purpose, new.scope_id, newest, given, decided, not locked);
  jobs := coalesce(followed[1], 0) + (rest -> 'jobs')::bigint;
  closed := coalesce(followed[2], 0) + (rest -> 'closed')::bigint;
  if jobs + closed > 0 then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('system', 'consent.settled', 'consent_events', new.id::text, 'done',
            jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  end if;
  return null;
end
