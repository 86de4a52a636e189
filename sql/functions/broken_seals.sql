#variable_conflict use_column
begin
  return query
  select 'oracle_scrolls', s.id
    from public.oracle_scrolls s
   where s.sealed_at is not null and s.seal_hash <> wall.seal_content(to_jsonb(s))
  union all
  select 'passport_records', p.id
    from public.passport_records p
    join public.oracle_scrolls s on s.id = p.scroll_id
   where p.sealed_at is not null
     and (p.seal_hash <> wall.seal_content(to_jsonb(p)) or p.scroll_seal_hash is distinct from s.seal_hash);
end
