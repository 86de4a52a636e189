-- Counts pictures of share-cards that are not open.
select count(*)
  from public.oracle_artifacts a
 where a.kind = 'share_card' and a.storage_path is not null
   and not exists (select from public.share_cards c where c.artifact_id = a.id and c.revoked_at is null)
