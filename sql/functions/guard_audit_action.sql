-- Runs with the writer's rights: inside the database's own functions that is the owner of the table. The arguments are
-- the reserved actions.
begin
  if new.action = any (tg_argv)
     and not pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'usage') then
    raise exception 'this action is reserved for lines that the database writes'
      using errcode = '42501', hint = 'Choose another action for what the site''s server does.';
  end if;
  return new;
end
