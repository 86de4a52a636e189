-- An entry is valid until the next withdrawal. A later consent does not make it valid again.
begin
  return exists (
    select
      from public.consent_events g
     where g.id = consent_still_valid.entry_id and g.action = 'given' and g.subject_id is not null
       and not exists (
             select
               from public.consent_events w
              where w.subject_id = g.subject_id and w.purpose = g.purpose and w.id > g.id
                and w.scope_id is not distinct from g.scope_id and w.action = 'withdrawn'));
end
