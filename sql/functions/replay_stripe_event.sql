begin
  update public.stripe_events e
     set status = 'received', next_attempt_at = now(), attempts = 0, processed_at = null
   where e.id = replay_stripe_event.event_id and e.status in ('failed', 'needs_review');
  return found;
end
