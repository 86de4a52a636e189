-- Arguments: the column with the reference, its table, and the columns in which both rows must agree.
-- A missing value is copied and a different one is refused. Both sides are fixed, so they agree for good.
declare
  entry jsonb := to_jsonb(new);
  terms jsonb;
begin
  execute format('select to_jsonb(t) from public.%I t where t.id = $1', tg_argv[1])
    into terms using (entry ->> tg_argv[0])::uuid;
  for place in 2 .. tg_nargs - 1 loop
    if entry ->> tg_argv[place] is null then
      entry := entry || jsonb_build_object(tg_argv[place], terms -> tg_argv[place]);
    elsif entry -> tg_argv[place] <> terms -> tg_argv[place] then
      raise exception '%.% differs from the row it refers to in %', tg_table_name, tg_argv[place], tg_argv[1]
        using errcode = '23514', hint = 'Leave it out: the database copies it.';
    end if;
  end loop;
  return jsonb_populate_record(new, entry);
end
