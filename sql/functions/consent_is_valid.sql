-- The newest ledger entry decides, not the copy in public.consents. No lock is taken: a caller that writes a dependent
-- row checks again at commit (require_consent_at_commit).
-- There are two queries because "is not distinct from" cannot use an index. Both read consent_events_subject backwards.
declare
  decided text;
begin
  if consent_is_valid.scope is null then
    select e.action into decided
      from public.consent_events e
     where e.subject_id = consent_is_valid.subject and e.purpose = consent_is_valid.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.action into decided
      from public.consent_events e
     where e.subject_id = consent_is_valid.subject and e.purpose = consent_is_valid.purpose
       and e.scope_id = consent_is_valid.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return coalesce(decided = 'given', false);
end
