-- Runs only when one of the columns in the argument has changed.
begin
  raise exception '% identifies its rows by %: these columns never change', tg_table_name, tg_argv[0]
    using errcode = '42501', hint = 'Write a new row instead.';
end
