begin
  update public.storage_deletions d
     set done_at = now(), storage_path = null
   where d.id = finish_storage_deletion.deletion_id and d.done_at is null;
  return found;
end
