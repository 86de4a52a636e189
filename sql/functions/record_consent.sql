#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id, notice_id, evidence)
  values (record_consent.request_id, record_consent.subject_id, record_consent.purpose, record_consent.action,
          record_consent.scope_id, record_consent.notice_id, record_consent.evidence)
      on conflict (request_id) do nothing
  returning id into entry;
  if entry is null then
    select e.id into entry
      from public.consent_events e
     where e.request_id = record_consent.request_id
       and e.subject_id = record_consent.subject_id
       and e.purpose = record_consent.purpose
       and e.action = record_consent.action
       and e.scope_id is not distinct from record_consent.scope_id;
  end if;
  if entry is null then
    raise exception 'this request number was used for something else'
      using errcode = '23505', hint = 'Make a fresh request number for each decision.';
  end if;
  return entry;
end
