-- The consent check of the table runs before this, so the newest ledger entry gave the consent. The unique index
-- gift_recipients_consent allows one invitation for each entry.
begin
  if num_nonnulls(new.accepted_at, new.accepted_subject_id) > 0 then
    raise exception 'a new invitation cannot be accepted already'
      using errcode = '42501', hint = 'Leave accepted_at and accepted_subject_id out.';
  end if;
  if new.contact is null then
    raise exception 'an invitation needs a contact' using errcode = '23502';
  end if;
  if not exists (
       select from public.oracle_artifacts a where a.id = new.artifact_id and a.kind = 'gift' and a.state <> 'withdrawn') then
    raise exception 'an invitation needs a gift that was not withdrawn'
      using errcode = '42501', hint = 'Pass an artifact of the kind gift.';
  end if;
  new.created_at := now();
  new.consent_event_id := wall.newest_consent(new.subject_id, 'gift_recipient', new.artifact_id);
  return new;
end
