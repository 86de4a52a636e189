declare
  last_reason text;
begin
  select a.details ->> 'reason' into last_reason
    from public.admin_audit_events a
   where a.object_table = 'privacy_requests' and a.object_id = record_pause.request::text and a.action like 'erasure.%'
   order by a.id desc
   limit 1;
  if last_reason is distinct from record_pause.why then
    insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
    values ('server', 'erasure.paused', 'privacy_requests', record_pause.request::text, 'refused',
            jsonb_build_object('reason', record_pause.why));
  end if;
end
