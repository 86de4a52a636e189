-- The trigger's condition calls it only when a column in the argument is set too early, changes once set, or decreases.
begin
  raise exception '%: one of % was changed in a way that the rules do not allow', tg_table_name, tg_argv[0]
    using errcode = '23514', hint = 'Each is set only in certain states. Some never change once set, and some never decrease.';
end
