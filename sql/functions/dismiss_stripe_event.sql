-- The event keeps its error and its date, so that it can still be seen why it had waited.
#variable_conflict use_column
begin
  update public.stripe_events e
     set status = 'ignored'
   where e.id = dismiss_stripe_event.event_id and e.status = 'needs_review';
  if not found then
    return false;
  end if;
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome)
  values (case when current_setting('role', true) = 'oracle_operator' then 'operator' else 'server' end,
          (select auth.uid())::text, 'event.dismissed', 'stripe_events', event_id, 'done');
  return true;
end
