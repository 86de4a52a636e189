-- Removes the pictures of closed cards from their artifacts, which lists the files for deletion.
update public.oracle_artifacts a
   set storage_path = null, content_sha256 = null
 where a.kind = 'share_card' and a.storage_path is not null
   and not exists (select from public.share_cards c where c.artifact_id = a.id and c.revoked_at is null);
