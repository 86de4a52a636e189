-- Arguments come in pairs: a column, and the table that it points at.
declare
  entry jsonb := to_jsonb(new);
  mine boolean;
begin
  for place in 0 .. tg_nargs - 1 by 2 loop
    continue when entry ->> tg_argv[place] is null;
    execute format(
      'select exists (select from public.%I t where t.id = $1 and $2 in (to_jsonb(t) ->> ''subject_id'','
      ' to_jsonb(t) ->> ''buyer_subject_id'', to_jsonb(t) ->> ''recipient_subject_id''))', tg_argv[place + 1])
      into mine using (entry ->> tg_argv[place])::uuid, entry ->> 'subject_id';
    if not mine then
      raise exception '%.% points at something that is not its subject''s own', tg_table_name, tg_argv[place]
        using errcode = '42501', hint = 'Pass what belongs to the same person.';
    end if;
  end loop;
  return new;
end
