-- Arguments name the columns that a running deletion request of the row's subject may blank; nothing else changes.
declare
  blanked text[] := tg_argv;
begin
  if tg_op = 'UPDATE' and tg_nargs > 0 then
    if to_jsonb(new) - blanked = to_jsonb(old) - blanked
       and jsonb_strip_nulls(to_jsonb(new)) - blanked = jsonb_strip_nulls(to_jsonb(new))
       and wall.erasing((to_jsonb(old) ->> 'subject_id')::uuid) then
      return new;
    end if;
  end if;
  raise exception '%: rows cannot be changed (%)', tg_table_name, lower(tg_op)
    using errcode = '42501', hint = 'Write a new row that says what changed.';
end
