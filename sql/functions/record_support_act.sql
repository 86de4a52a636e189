-- Operators and the site's server call the same functions of support; the role of the session tells who it was.
begin
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (case when current_setting('role', true) = 'oracle_operator' then 'operator' else 'server' end,
          (select auth.uid())::text, record_support_act.action, record_support_act.object_table,
          record_support_act.object_id, 'done', record_support_act.details);
end
