-- Lets every waiting e-mail go ahead whose consents all stand; the wall asks for each of them once more.
-- Nothing is sent or given while a ledger is broken; the check that offers this has compared it with its anchors, too.
do $guard$ begin
  if exists (select from public.verify_ledger('consent_events', 20000) v where not v.intact)
     or exists (select from public.verify_ledger('admin_audit_events', 20000) v where not v.intact) then
    raise exception 'a ledger is broken: this repair is refused'
      using errcode = '42501', hint = 'public.verify_ledger names the row. Put it back from a backup first.';
  end if;
end $guard$;
update public.delivery_jobs j
   set status = 'pending', next_run_at = now()
 where j.status = 'waiting'
   and not exists (
         select
           from unnest(wall.job_purposes(j.channel, j.leg)) as p (purpose)
          where not exists (
                  select
                    from public.consents c
                   where c.subject_id = j.subject_id and c.purpose = p.purpose and c.standing
                     and c.scope_id is not distinct from wall.consent_scope(p.purpose, j.artifact_id)));
