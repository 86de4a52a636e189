-- The trigger's condition calls it only when a column in the first argument has changed. The other arguments name the
-- row's people: the erasure of one of them may set columns to null or pass them on. The erasure of another person may
-- only set columns to null, such as an address.
begin
  for place in 1 .. tg_nargs - 1 loop
    if wall.is_erasing(coalesce((to_jsonb(old) ->> tg_argv[place])::uuid, '00000000-0000-0000-0000-000000000000')) then
      return new;
    end if;
  end loop;
  if tg_nargs > 1 and wall.is_erasing(null)
     and not exists (
           select
             from unnest(string_to_array(tg_argv[0], ', ')) c
            where to_jsonb(new) ->> c is not null
              and to_jsonb(new) -> c is distinct from to_jsonb(old) -> c) then
    return new;
  end if;
  raise exception '%: these columns cannot be changed: %', tg_table_name, tg_argv[0]
    using errcode = '42501', hint = 'Write a new row instead.';
end
