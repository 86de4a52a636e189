-- The arguments name the columns that the erasure of the row's person may set to null. Nothing else can change.
declare
  erasable text[] := tg_argv;
begin
  if tg_op = 'UPDATE' and tg_nargs > 0 then
    if to_jsonb(new) - erasable = to_jsonb(old) - erasable
       and jsonb_strip_nulls(to_jsonb(new)) - erasable = jsonb_strip_nulls(to_jsonb(new))
       and wall.is_erasing((to_jsonb(old) ->> 'subject_id')::uuid) then
      return new;
    end if;
  end if;
  raise exception '%: rows cannot be changed (%)', tg_table_name, lower(tg_op)
    using errcode = '42501', hint = 'Write a new row with the change.';
end
