-- The number, the date and the digest are the database's own, whatever was sent: "overriding system value" included.
-- A decision has a higher number than the person's decision before it, also after a sequence was set back.
declare
  counter regclass := ('public.' || tg_table_name || '_id_seq')::regclass;
begin
  new.id := nextval(counter);
  if tg_table_name = 'consent_events' then
    for turn in 1 .. 2 loop
      exit when new.id > coalesce(wall.newest_consent(new.subject_id, new.purpose, new.scope_id), 0);
      if turn = 2 then
        perform setval(counter, (select max(e.id) from public.consent_events e));
      end if;
      new.id := nextval(counter);  -- two at once may have drawn in one order and written in the other
    end loop;
  end if;
  new.created_at := clock_timestamp();
  new.row_hash := wall.ledger_content(to_jsonb(new));
  return new;
end
