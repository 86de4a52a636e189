-- Applies the decision at once, and again at commit (settle_consent_at_commit).
begin
  insert into public.admin_audit_events (actor_kind, action, object_table, object_id, outcome, details)
  values ('subject', 'consent.' || new.action, 'consent_events', new.id::text, 'done',
          wall.settle_consent(new.subject_id, new.purpose, new.scope_id, new.id, new.action = 'given', new.created_at,
                              false));
  return null;
end
