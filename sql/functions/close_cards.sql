-- Waits for nobody: a card that somebody else is writing is skipped, and stays shut while the artifact is withdrawn.
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
