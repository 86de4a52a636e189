-- Attempts start again from 0. A second call finds the event planned, and changes nothing.
#variable_conflict use_column
declare
  before text;
begin
  select e.status into before
    from public.stripe_events e
   where e.id = replay_stripe_event.event_id
     for update;
  if before is null or before not in ('failed', 'needs_review') then
    return false;
  end if;
  update public.stripe_events e
     set status = 'received', next_attempt_at = now(), attempts = 0, processed_at = null
   where e.id = replay_stripe_event.event_id;
  insert into public.admin_audit_events (actor_kind, actor_id, action, object_table, object_id, outcome, details)
  values (case when current_setting('role', true) = 'oracle_operator' then 'operator' else 'server' end,
          (select auth.uid())::text, 'event.replayed', 'stripe_events', event_id, 'done',
          jsonb_build_object('from', before));
  return true;
end
