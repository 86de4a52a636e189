-- The event keeps its error and its date, so that it can still be seen why it had waited.
#variable_conflict use_column
begin
  update public.stripe_events e
     set status = 'ignored'
   where e.id = dismiss_stripe_event.event_id and e.status = 'needs_review';
  if not found then
    return false;
  end if;
  perform wall.record_support_act('event.dismissed', 'stripe_events', event_id, '{}');
  return true;
end
