-- The pause doubles with each attempt, from 5 seconds to 6 hours, with a random part. After 20 attempts, about three
-- days, a person looks at the event.
#variable_conflict use_column
declare
  most integer := 20;
begin
  if coalesce(outcome, '') not in ('done', 'ignored', 'failed', 'needs_review') then
    raise exception 'unknown outcome of an event' using errcode = '22023', hint = 'Pass done, ignored, failed or needs_review.';
  end if;
  update public.stripe_events e
     set status = case when outcome = 'failed' and e.attempts >= most then 'needs_review' else outcome end,
         error_class = finish_stripe_event.error_class,
         processed_at = case when outcome = 'failed' and e.attempts < most then null else clock_timestamp() end,
         next_attempt_at = now() + (0.5 + random() / 2) * least(interval '6 hours', interval '5 seconds' * 2 ^ least(e.attempts, 20)),
         lease_token = null,
         lease_until = null
   where e.id = finish_stripe_event.event_id
     and e.status = 'processing'
     and e.lease_token = finish_stripe_event.lease_token;
  return found;
end
