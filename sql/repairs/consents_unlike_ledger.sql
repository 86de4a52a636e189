-- Derives what stands from the ledger once more, where the two differ.
update public.consents c
   set standing = e.action = 'given', event_id = e.id, changed_at = e.created_at
  from public.consents k,
       lateral (select v.id, v.action, v.created_at
                  from public.consent_events v
                 where v.subject_id = k.subject_id and v.purpose = k.purpose
                   and v.scope_id is not distinct from k.scope_id
                 order by v.id desc
                 limit 1) e
 where k.id = c.id and (c.event_id, c.standing) is distinct from (e.id, e.action = 'given');
