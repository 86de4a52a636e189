-- A giver cannot accept their own gift. guard_gift enforces the same for every other statement: it compares the token
-- that is set here, which only the recipient was given, with the stored hash.
declare
  gift uuid;
begin
  perform wall.refuse_stale_snapshot();
  perform set_config('wall.gift_token', accept_gift.token, true);
  update public.gift_recipients g
     set accepted_at = now(), accepted_subject_id = (select auth.uid())
   where g.token_sha256 = sha256(convert_to(accept_gift.token, 'UTF8'))
     and (select auth.uid()) is not null
     and g.subject_id <> (select auth.uid())
     and g.accepted_at is null
     and g.withdrawn_at is null
     and g.expires_at > now()
     and wall.consent_still_valid(g.consent_event_id)
     and not exists (select from public.oracle_artifacts a where a.id = g.artifact_id and a.state = 'withdrawn')
  returning g.artifact_id into gift;
  perform set_config('wall.gift_token', '', true);
  if gift is null then
    raise exception 'this invitation cannot be accepted'
      using errcode = 'P0002', hint = 'It may have expired, been withdrawn, or been accepted already.';
  end if;
  return gift;
end
