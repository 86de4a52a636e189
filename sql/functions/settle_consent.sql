-- Applies the newest ledger entry to all dependent rows. Never waits for a lock: locked rows are skipped, the consent
-- is marked as unsettled, and settle_consents tries again. Until then every use of such a row checks the ledger
-- (begin_send, open_share_card, accept_gift). A newer entry that is committed meanwhile is applied at its
-- own commit. Rows that an older withdrawal had to skip are settled first, so that a new consent does not make them
-- valid again. One transaction at a time inserts a person's first copy. A copy that another transaction has locked is
-- left to it, because it looks for newer entries at its commit. A copy of a newer entry is not replaced.
#variable_conflict use_column
declare
  copy uuid;
  copied_event bigint;
  unsettled_before boolean;
  withdrawn timestamptz;
  none_waits boolean;
  changed bigint[];
  jobs bigint;
  closed bigint;
begin
  select k.id, k.event_id, k.unsettled into copy, copied_event, unsettled_before
    from public.consents k
   where k.subject_id = settle_consent.subject and k.purpose = settle_consent.purpose
     and k.scope_id is not distinct from settle_consent.scope
     for update skip locked;
  if copy is null then
    select k.event_id, k.unsettled into copied_event, unsettled_before
      from public.consents k
     where k.subject_id = settle_consent.subject and k.purpose = settle_consent.purpose
       and k.scope_id is not distinct from settle_consent.scope;
  end if;
  if settle_consent.given then
    -- A given consent only affects waiting jobs. This query is cheap, and mostly there are none.
    select (select e.created_at
              from public.consent_events e
             where e.subject_id = settle_consent.subject and e.purpose = settle_consent.purpose
               and e.scope_id is not distinct from settle_consent.scope and e.action = 'withdrawn'
               and e.id > case when unsettled_before then 0 else coalesce(copied_event, 0) end
             order by e.scope_id desc, e.id desc
             limit 1),
           not exists (
             select from public.delivery_jobs j where j.subject_id = settle_consent.subject and j.status = 'waiting')
      into withdrawn, none_waits;
    if withdrawn is not null then
      changed := wall.apply_consent(subject, purpose, scope, false, withdrawn);
      jobs := changed[1];
      closed := changed[2];
      incomplete := incomplete or changed[3] > 0;
      none_waits := false;
    end if;
  end if;
  if none_waits is not true then
    changed := wall.apply_consent(subject, purpose, scope, given, 'infinity');
    jobs := coalesce(jobs, 0) + changed[1];
    closed := coalesce(closed, 0) + changed[2];
    incomplete := incomplete or changed[3] > 0;
  end if;

  if copied_event <= settle_consent.event_id then
    update public.consents c
       set standing = settle_consent.given,
           event_id = settle_consent.event_id,
           changed_at = settle_consent.decided_at,
           unsettled = settle_consent.incomplete
     where c.id = copy;
  elsif copied_event is null
        and pg_try_advisory_xact_lock(wall.lock_number(
              concat_ws(' ', 'consent', settle_consent.subject, settle_consent.purpose, settle_consent.scope))) then
    begin
      insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled)
      values (settle_consent.subject, settle_consent.purpose, settle_consent.scope, settle_consent.given,
              settle_consent.event_id, settle_consent.decided_at, settle_consent.incomplete)
          on conflict (subject_id, purpose, scope_id) do nothing;
    exception when insufficient_privilege then
      null;  -- a newer entry was applied first
    end;
  end if;
  return jsonb_build_object('purpose', settle_consent.purpose, 'jobs', coalesce(jobs, 0), 'closed', coalesce(closed, 0));
end
