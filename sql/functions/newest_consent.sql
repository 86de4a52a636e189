declare
  entry bigint;
begin
  if newest_consent.scope is null then
    select e.id into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.id into entry
      from public.consent_events e
     where e.subject_id = newest_consent.subject and e.purpose = newest_consent.purpose
       and e.scope_id = newest_consent.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return entry;
end
