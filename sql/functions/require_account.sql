begin
  if exists (select from auth.users u where u.id = new.subject_id and u.is_anonymous) then
    raise exception 'an anonymous sign-in has no Passport'
      using errcode = '42501', hint = 'Let the person turn the anonymous sign-in into an account first.';
  end if;
  return new;
end
