#variable_conflict use_column
declare
  seal bytea;
begin
  update public.oracle_scrolls s
     set sealed_at = now()
   where s.id = seal_scroll.scroll_id
  returning s.seal_hash into seal;
  if seal is null then
    raise exception 'no such scroll' using errcode = 'P0002', hint = 'Pass the id of an unsealed scroll.';
  end if;
  return seal;
end
