begin
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (case when current_setting('role', true) = 'service_role' then 'server' else 'system' end,
          (select auth.uid())::text, case when tg_op = 'INSERT' then 'hold.placed' else 'hold.changed' end,
          tg_table_name, new.id::text, 'done',
          jsonb_build_object('reason', new.reason_code, 'ends', coalesce(new.held_until::date::text, 'open')));
  return null;
end
