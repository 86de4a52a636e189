-- Waits for no lock: a picture whose artifact another transaction is writing stays for now. It is shown to nobody, and
-- the invariant closed_card_files finds it.
begin
  update public.oracle_artifacts a
     set storage_path = null, content_sha256 = null
   where a.id in (
           select k.id
             from public.oracle_artifacts k
            where k.id = new.artifact_id and k.kind = 'share_card' and k.storage_path is not null
              for update skip locked);
  return null;
end
