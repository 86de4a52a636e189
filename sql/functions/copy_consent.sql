-- A first copy is written by one transaction at a time, and by none that would wait for another. A copy that somebody
-- holds is left to them: as they commit, they look for newer entries. One that repeats a newer entry already stays.
#variable_conflict use_column
begin
  update public.consents c
     set standing = copy_consent.given,
         event_id = copy_consent.event_id,
         changed_at = copy_consent.decided_at,
         unsettled = copy_consent.unsettled
   where c.id = (
           select k.id
             from public.consents k
            where k.subject_id = copy_consent.subject and k.purpose = copy_consent.purpose
              and k.scope_id is not distinct from copy_consent.scope
              for update skip locked)
     and c.event_id <= copy_consent.event_id
     and (c.event_id, c.unsettled) is distinct from (copy_consent.event_id, copy_consent.unsettled);
  if not found
     and not exists (
       select
         from public.consents c
        where c.subject_id = copy_consent.subject and c.purpose = copy_consent.purpose
          and c.scope_id is not distinct from copy_consent.scope)
     and pg_try_advisory_xact_lock(wall.lock_number(
           concat_ws(' ', 'consent', copy_consent.subject, copy_consent.purpose, copy_consent.scope))) then
    begin
      insert into public.consents (subject_id, purpose, scope_id, standing, event_id, changed_at, unsettled)
      values (copy_consent.subject, copy_consent.purpose, copy_consent.scope, copy_consent.given,
              copy_consent.event_id, copy_consent.decided_at, copy_consent.unsettled)
          on conflict (subject_id, purpose, scope_id) do nothing;
    exception when insufficient_privilege then
      null;  -- a newer entry came first, and its copy with it
    end;
  end if;
end
