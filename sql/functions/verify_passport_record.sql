-- Runs with the caller's rights, so that nobody learns about a record that they may not read.
declare
  record public.passport_records;
  scroll public.oracle_scrolls;
begin
  select p.* into record from public.passport_records p where p.id = verify_passport_record.record_id;
  if record.id is null then
    raise exception 'no such Passport record' using errcode = 'P0002', hint = 'Pass a record of your own.';
  end if;
  select s.* into scroll from public.oracle_scrolls s where s.id = record.scroll_id;
  return coalesce(
    record.seal_hash = wall.seal_content(to_jsonb(record))
    and scroll.seal_hash = wall.seal_content(to_jsonb(scroll))
    and scroll.seal_hash = record.scroll_seal_hash, false);
end
