#variable_conflict use_column
declare
  entry bigint;
begin
  insert into public.admin_audit_events
         (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (record_audit_event.actor_kind, record_audit_event.actor_id, record_audit_event.action,
          record_audit_event.object_table, record_audit_event.object_id, record_audit_event.outcome,
          record_audit_event.details)
  returning id into entry;
  return entry;
end
