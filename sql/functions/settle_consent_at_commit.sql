-- A transaction that wrote a dependent row holds the person's lock at its commit. With the lock, every such row is
-- either visible here or refused there. If the lock is not free within 30 ms (a transaction ran its constraints early
-- and keeps it), the decision is committed anyway and marked as unsettled.
-- A given consent only affects waiting jobs, and a withdrawn e-mail or Passport consent only queued and running ones;
-- without one there is nothing to do. The current consent is compared once more, because the transaction of another
-- decision may have locked its row.
declare
  locked boolean := pg_try_advisory_xact_lock(wall.lock_number('person ' || new.subject_id))  -- mostly free
                    or wall.lock_person(new.subject_id, true, 30);
  newest bigint;
  given boolean;
  decided timestamptz;
  has_dependents boolean;
  current bigint;
  changed bigint[];
  rest jsonb;
  jobs bigint;
  closed bigint;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    perform wall.refuse_stale_snapshot();
  end if;
  select e.id, e.action = 'given', e.created_at,
         exists (
           select
             from public.delivery_jobs j
            where j.subject_id = new.subject_id
              and case when e.action = 'given' then j.status = 'waiting'
                       else j.status in ('pending', 'running') and not (j.status = 'running' and j.cancel_requested) end)
           or e.action <> 'given' and e.purpose not in ('email_delivery', 'passport_write'),
         k.event_id
    into newest, given, decided, has_dependents, current
    from public.consent_events e
    left join public.consents k
           on k.subject_id = e.subject_id and k.purpose = e.purpose and k.scope_id is not distinct from e.scope_id
   where e.subject_id = new.subject_id and e.purpose = new.purpose and e.scope_id is not distinct from new.scope_id
   order by e.scope_id desc, e.id desc
   limit 1;
  if newest is null  -- the same transaction has erased the person since
     or locked and newest = new.id and newest = current and not has_dependents then
    return null;
  end if;
  if has_dependents then
    changed := wall.apply_consent(new.subject_id, new.purpose, new.scope_id, given, 'infinity');
    if locked and newest = new.id and newest = current and changed = '{0,0,0}' then
      return null;
    end if;
  end if;
  rest := wall.settle_consent(new.subject_id, new.purpose, new.scope_id, newest, given, decided, not locked);
  jobs := coalesce(changed[1], 0) + (rest -> 'jobs')::bigint;
  closed := coalesce(changed[2], 0) + (rest -> 'closed')::bigint;
  if jobs + closed > 0 then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('system', 'consent.settled', 'consent_events', new.id::text, 'done',
            jsonb_build_object('purpose', new.purpose, 'jobs', jobs, 'closed', closed));
  end if;
  return null;
end
