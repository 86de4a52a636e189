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
  perform wall.record_support_act('event.replayed', 'stripe_events', event_id, jsonb_build_object('from', before));
  return true;
end
