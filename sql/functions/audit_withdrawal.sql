-- The argument is the action.
begin
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome)
  values (case current_setting('role', true) when 'authenticated' then 'subject' when 'service_role' then 'server'
               else 'system' end,
          (select auth.uid())::text, tg_argv[0], tg_table_name, new.id::text, 'done');
  return null;
end
