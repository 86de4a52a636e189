-- Runs only when one of the columns in the argument is ahead of the clock, or before the row was written.
begin
  raise exception '%: a time in % is in the future, or before the row was created',
    tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'Use the database''s own time: now().';
end
