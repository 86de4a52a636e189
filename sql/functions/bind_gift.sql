-- The gate before it has seen that the consent stands, so the newest entry gave it. That it gave it for one recipient is
-- held by the index gift_recipients_consent.
begin
  if num_nonnulls(new.accepted_at, new.accepted_subject_id) > 0 then
    raise exception 'a gift is accepted by its recipient, after they were invited'
      using errcode = '42501', hint = 'Leave accepted_at and accepted_subject_id out.';
  end if;
  if new.contact is null then
    raise exception 'an invitation goes to somebody: contact is missing' using errcode = '23502';
  end if;
  new.consent_event_id := wall.newest_consent(new.subject_id, 'gift_recipient', new.artifact_id);
  return new;
end
