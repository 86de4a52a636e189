-- Waits while the card is being closed, so that no picture is kept for a card that closes meanwhile.
begin
  perform from public.share_cards c where c.artifact_id = new.id and c.revoked_at is null for share;
  if not found then
    raise exception 'a share-card has a picture only while it is open'
      using errcode = '42501', hint = 'Open a card for the artifact first. Its owner must have allowed it.';
  end if;
  return new;
end
