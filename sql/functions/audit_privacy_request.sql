declare
  actor text := case current_setting('role', true)
                  when 'authenticated' then 'subject'
                  when 'service_role' then 'server'
                  when 'oracle_operator' then 'operator'
                  else 'system'
                end;
begin
  if tg_op = 'INSERT' then
    insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
    values (actor, (select auth.uid())::text, 'privacy.asked', tg_table_name, new.id::text, 'done',
            jsonb_build_object('kind', new.kind));
  elsif new.status is distinct from old.status then
    insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
    values (actor, (select auth.uid())::text, 'privacy.moved', tg_table_name, new.id::text, 'done',
            jsonb_build_object('from', old.status, 'to', new.status));
  end if;
  if tg_op = 'UPDATE' and new.extended_until is distinct from old.extended_until then
    insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
    values (actor, (select auth.uid())::text, 'privacy.extended', tg_table_name, new.id::text, 'done',
            jsonb_build_object('reason', new.extension_reason, 'days', (new.extended_until::date - new.due_at::date)));
  end if;
  return null;
end
