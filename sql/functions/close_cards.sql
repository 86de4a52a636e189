-- Waits for no lock: a card that another transaction is writing is skipped. It stays hidden while the artifact is
-- withdrawn (open_share_card).
begin
  update public.share_cards s
     set revoked_at = now()
   where s.id in (
           select k.id
             from public.share_cards k
            where k.artifact_id = new.id and k.revoked_at is null
              for update skip locked);
  return null;
end
