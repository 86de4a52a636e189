declare
  entry public.consent_events;
begin
  if newest_consent.scope is null then
    select e.* into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.* into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose
       and e.scope_id = newest_consent.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return entry;
end
