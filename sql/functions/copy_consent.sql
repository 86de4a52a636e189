-- A first copy is written by one transaction at a time, and by none that would wait for another. A copy that somebody
-- holds is left to them: as they commit, they look for newer entries. One that repeats a newer entry already stays.
#variable_conflict use_column
declare
  entry public.consent_events;
begin
  select e.* into strict entry from public.consent_events e where e.id = copy_consent.event_id;
  update public.consents c
     set standing = entry.action = 'given',
         event_id = entry.id,
         changed_at = entry.created_at,
         unsettled = copy_consent.unsettled
   where c.id = (
           select k.id
             from public.consents k
            where k.subject_id = entry.subject_id and k.purpose = entry.purpose
              and k.scope_id is not distinct from entry.scope_id
              for update skip locked)
     and c.event_id <= entry.id
     and (c.event_id, c.unsettled) is distinct from (entry.id, copy_consent.unsettled);
  if not found
     and not exists (
       select
         from public.consents c
        where c.subject_id = entry.subject_id and c.purpose = entry.purpose
          and c.scope_id is not distinct from entry.scope_id)
     and pg_try_advisory_xact_lock(wall.lock_number(
           concat_ws(' ', 'consent', entry.subject_id, entry.purpose, entry.scope_id))) then
    begin
      insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled)
      values (entry.subject_id, entry.purpose, entry.scope_id,
              entry.action = 'given', entry.id, entry.created_at,
              copy_consent.unsettled)
          on conflict (subject_id, purpose, scope_id) do nothing;
    exception when insufficient_privilege then
      null;  -- a newer entry came first, and its copy with it
    end;
  end if;
end
