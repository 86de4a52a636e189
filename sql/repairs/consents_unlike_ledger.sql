-- Derives the current consents from the ledger again where the two differ.
-- It stops if a ledger is broken. The check that offers this repair has compared the ledgers with their anchors, too.
do $guard$ begin
  if exists (select from public.verify_ledger('consent_events', 20000) v where not v.intact)
     or exists (select from public.verify_ledger('admin_audit_events', 20000) v where not v.intact) then
    raise exception 'this repair is refused because a ledger is broken'
      using errcode = '42501', hint = 'Call public.verify_ledger for the row, and restore it from a backup first.';
  end if;
end $guard$;
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
