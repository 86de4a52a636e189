-- The token is compared by its hash, and a giver cannot accept their own gift.
declare
  gift uuid;
begin
  update public.gift_recipients g
     set accepted_at = now(), accepted_subject_id = (select auth.uid())
   where g.token_sha256 = sha256(convert_to(accept_gift.token, 'UTF8'))
     and (select auth.uid()) is not null
     and g.subject_id <> (select auth.uid())
     and g.accepted_at is null
     and g.withdrawn_at is null
     and g.expires_at > now()
  returning g.artifact_id into gift;
  if gift is null then
    raise exception 'this invitation cannot be accepted'
      using errcode = 'P0002', hint = 'It may have expired, been taken back, or been accepted already.';
  end if;
  return gift;
end
