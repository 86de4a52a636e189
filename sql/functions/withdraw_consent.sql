#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.consent_events (request_id, subject_id, purpose, action, scope_id)
  values (withdraw_consent.request_id, (select auth.uid()), withdraw_consent.purpose, 'withdrawn',
          withdraw_consent.scope_id)
      on conflict (request_id) do nothing
  returning id into entry;
  if entry is null then
    select e.id into entry
      from public.consent_events e
     where e.request_id = withdraw_consent.request_id
       and e.purpose = withdraw_consent.purpose
       and e.action = 'withdrawn'
       and e.scope_id is not distinct from withdraw_consent.scope_id;
  end if;
  if entry is null then
    raise exception 'this request number was used for something else'
      using errcode = '23505', hint = 'Make a fresh request number for each decision.';
  end if;
  return entry;
end
