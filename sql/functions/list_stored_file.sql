-- The argument is the column that holds a path in storage. Runs after the write: a path is in one row, so a transaction
-- that sets a path while another one lists it has waited for that one.
declare
  path text := to_jsonb(new) ->> tg_argv[0];
  old_path text := to_jsonb(old) ->> tg_argv[0];
begin
  if path is not distinct from old_path then
    return null;
  end if;
  if old_path is not null then
    insert into public.storage_deletions (row_id, storage_path) values (new.id, old_path);
  end if;
  if path is not null then
    perform wall.refuse_stale_snapshot();
    if exists (select from public.storage_deletions d where d.storage_path = path and d.done_at is null) then
      raise exception 'this file is scheduled for deletion'
        using errcode = '23514', hint = 'Store the file once more, under a new random path.';
    end if;
  end if;
  return null;
end
