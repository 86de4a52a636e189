-- The newest entry of the ledger decides, whatever the copy in public.consents says. Takes no lock: whoever rests a row
-- on the answer asks again as the transaction commits (require_consent_at_commit).
-- Two queries, because "is not distinct from" uses no index. Both are read from the end of consent_events_subject.
declare
  decided text;
begin
  if consent_stands.scope is null then
    select e.action into decided
      from public.consent_events e
     where e.subject_id = consent_stands.subject and e.purpose = consent_stands.purpose and e.scope_id is null
     order by e.scope_id desc, e.id desc
     limit 1;
  else
    select e.action into decided
      from public.consent_events e
     where e.subject_id = consent_stands.subject and e.purpose = consent_stands.purpose
       and e.scope_id = consent_stands.scope
     order by e.scope_id desc, e.id desc
     limit 1;
  end if;
  return coalesce(decided = 'given', false);
end
