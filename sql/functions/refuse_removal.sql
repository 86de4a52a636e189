-- Each argument is a way from the row to a person: "column", or "column table.column" over the row it refers to; or
-- "=table", whose row with the same id stands for a row that was pruned.
-- Without arguments no row can be deleted. A row whose parent is deleted goes with it: the parent was checked before.
declare
  way text;
  person uuid;
  parents bigint;
  recorded boolean;
begin
  foreach way in array case when tg_op = 'DELETE' then coalesce(tg_argv, '{}') else '{}'::text[] end loop
    if way like '=%' then
      execute format('select exists (select from public.%I t where t.id = ($1).id)', substr(way, 2)) into recorded using old;
      if recorded then
        return old;
      end if;
      continue;
    elsif strpos(way, ' ') = 0 then
      person := (to_jsonb(old) ->> way)::uuid;
    else
      execute format('select t.%I from public.%I t where t.id = ($1).%I',
                     split_part(way, '.', 2), split_part(split_part(way, ' ', 2), '.', 1), split_part(way, ' ', 1))
         into person using old;
      get diagnostics parents = row_count;
      if parents = 0 and to_jsonb(old) ->> split_part(way, ' ', 1) is not null then
        return old;
      end if;
    end if;
    if person is not null and wall.is_erasing(person) then
      return old;
    end if;
  end loop;
  raise exception '%: rows cannot be removed (%)', tg_table_name, lower(tg_op)
    using errcode = '42501', hint = 'Rows are deleted only when their person is erased.';
end
