-- Binds every role. A login that can become `authenticated` and forge the signed-in person still lacks the token,
-- because the database stores only its hash.
declare
  over boolean := old.accepted_at is not null or old.withdrawn_at is not null or old.expires_at <= clock_timestamp();
begin
  if (new.accepted_at, new.accepted_subject_id) is distinct from (old.accepted_at, old.accepted_subject_id)
     and not (new.accepted_subject_id is null and new.accepted_at is not distinct from old.accepted_at
              and wall.is_erasing(old.accepted_subject_id)) then
    if over
       or new.withdrawn_at is not null
       or new.accepted_subject_id is null
       or new.accepted_subject_id is distinct from (select auth.uid())
       or new.accepted_subject_id = new.subject_id
       or not wall.consent_still_valid(new.consent_event_id)
       or exists (select from public.oracle_artifacts a where a.id = new.artifact_id and a.state = 'withdrawn')
       or current_setting('role', true) <> 'authenticated'
       or sha256(convert_to(coalesce(current_setting('wall.gift_token', true), ''), 'UTF8')) <> new.token_sha256 then
      raise exception 'only the recipient can accept this gift, once and with the token of the invitation'
        using errcode = '42501', hint = 'The signed-in recipient calls accept_gift with the token of their link.';
    end if;
    new.accepted_at := clock_timestamp();
  end if;
  if old.withdrawn_at is not null and new.withdrawn_at is null then
    raise exception 'a withdrawn invitation cannot be reopened'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation.';
  end if;
  if new.expires_at > old.expires_at then
    raise exception 'an invitation cannot be extended'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation.';
  end if;
  if (new.contact is distinct from old.contact and (new.contact is not null or not over and new.withdrawn_at is null))
     or (new.recipient_name is distinct from old.recipient_name
         and (new.recipient_name is not null or not over and new.withdrawn_at is null)) then
    raise exception 'the recipient of an invitation cannot be changed'
      using errcode = '42501', hint = 'Ask the giver again, and write a new invitation; or take this one back.';
  end if;
  return new;
end
