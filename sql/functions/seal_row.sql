-- Setting sealed_at seals the row. The database sets the date and the hash, and ignores the values that were sent.
begin
  if tg_op = 'UPDATE' and old.sealed_at is not null then
    raise exception '%: this row is sealed and cannot be changed', tg_table_name
      using errcode = '42501', hint = 'A sealed row is deleted only when its owner is erased.';
  end if;
  new.seal_hash := null;
  if new.sealed_at is not null then
    new.sealed_at := clock_timestamp();
    if tg_table_name = 'passport_records' then
      select s.seal_hash into new.scroll_seal_hash from public.oracle_scrolls s where s.id = new.scroll_id;
      if new.scroll_seal_hash is null then
        raise exception 'a Passport record needs a sealed reading before it is sealed'
          using errcode = '23514', hint = 'Seal the scroll first.';
      end if;
    end if;
    new.seal_hash := wall.seal_content(to_jsonb(new));
  end if;
  return new;
end
