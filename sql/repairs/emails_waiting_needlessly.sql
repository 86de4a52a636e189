-- Queues every waiting e-mail whose consents are all valid; a trigger checks each of them again.
-- It stops if a ledger is broken. The check that offers this repair has compared the ledgers with their anchors, too.
do $guard$ begin
  if exists (select from public.verify_ledger('consent_events', 20000) v where not v.intact)
     or exists (select from public.verify_ledger('admin_audit_events', 20000) v where not v.intact) then
    raise exception 'this repair is refused because a ledger is broken'
      using errcode = '42501', hint = 'Call public.verify_ledger for the row, and restore it from a backup first.';
  end if;
end $guard$;
update public.delivery_jobs j
   set status = 'pending', next_run_at = now()
 where j.held = 'waiting'
   and not exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where not exists (
                  select
                    from public.consents c
                   where c.subject_id = j.subject_id and c.purpose = p.purpose and c.standing
                     and c.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)));
