-- Counts Stripe events that have needed a person for more than a day.
select count(*)
  from public.stripe_events e
 where e.status = 'needs_review' and e.created_at < now() - interval '1 day'
