-- Derives what stands from the ledger once more, where the two differ.
-- Nothing is sent or given while a ledger is broken; the check that offers this has compared it with its anchors, too.
do $guard$ begin
  if exists (select from public.verify_ledger('consent_events', 20000) v where not v.intact)
     or exists (select from public.verify_ledger('admin_audit_events', 20000) v where not v.intact) then
    raise exception 'a ledger is broken: this repair is refused'
      using errcode = '42501', hint = 'public.verify_ledger names the row. Put it back from a backup first.';
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
