begin
  if exists (select from auth.users u where u.id = new.subject_id and u.is_anonymous) then
    raise exception 'an anonymous account cannot have a Passport'
      using errcode = '42501', hint = 'Ask the person to turn the anonymous account into a permanent one first.';
  end if;
  return new;
end
