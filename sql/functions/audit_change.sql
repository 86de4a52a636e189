-- The argument is the action, as noun.verb.
begin
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome)
  values ('server', tg_argv[0], tg_table_name, new.id::text, 'done');
  return null;
end
