#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, notice_id, evidence)
  values (append_consent.request, append_consent.subject, append_consent.purpose, append_consent.action,
          append_consent.scope, append_consent.notice, append_consent.evidence)
      on conflict (request_id) do nothing
  returning id into entry;
  if entry is null then
    select e.id into entry
      from public.consent_events e
     where e.request_id = append_consent.request
       and e.subject_id = append_consent.subject
       and e.purpose = append_consent.purpose
       and e.action = append_consent.action
       and e.scope_id is not distinct from append_consent.scope;
  end if;
  if entry is null then
    raise exception 'this request_id was used for another decision'
      using errcode = '23505', hint = 'Use a new request_id for each decision.';
  end if;
  return entry;
end
