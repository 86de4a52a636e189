-- Runs only when one of the columns in the argument is set too early, changes after it was written, or gets smaller.
begin
  raise exception '% refuses the change: % is set in its own states, and stays', tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'The rules list beside each column when it is set, and whether it may change.';
end
