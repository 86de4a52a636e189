-- Runs only when one of the columns in the argument is ahead of the clock, or before the row was written.
begin
  raise exception '% takes moments that have come in %: not ahead of the clock, not before the row was written',
    tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'Take the moment from the database: now().';
end
