-- The trigger's condition calls it only when a column in the argument is in the future, or before the row was written.
begin
  raise exception '%: a time in % is in the future, or before the row was created',
    tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'Use the time of the database: now().';
end
