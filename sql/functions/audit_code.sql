declare
  known uuid;
begin
  if wall.is_erased(audit_code.person) then
    return '00000000-0000-0000-0000-000000000000';  -- has the form of an id, but is nobody's
  end if;
  select c.id into known from public.audit_codes c where c.subject_id = audit_code.person;
  if known is null and exists (select from auth.users u where u.id = audit_code.person) then
    insert into public.audit_codes (subject_id) values (audit_code.person) on conflict (subject_id) do nothing;
    select c.id into known from public.audit_codes c where c.subject_id = audit_code.person;
  end if;
  return known::text;
end
