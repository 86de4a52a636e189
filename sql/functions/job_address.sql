-- An invitation's address was typed by its giver, so nobody has confirmed it; its consent and its expiry stand for that.
begin
  if job_address.channel = 'gift' then
    return (
      select g.contact
        from public.gift_recipients g
       where g.artifact_id = job_address.artifact_id
         and g.subject_id = job_address.subject
         and num_nonnulls(g.accepted_at, g.withdrawn_at) = 0
         and g.expires_at > clock_timestamp()
         and wall.consent_still_valid(g.consent_event_id)
       order by g.created_at desc, g.id
       limit 1);
  end if;
  return (
    select u.email
      from auth.users u
     where u.id = job_address.subject
       and u.email_confirmed_at <= clock_timestamp()
       and u.deleted_at is null
       and coalesce(u.banned_until < clock_timestamp(), true));
end
