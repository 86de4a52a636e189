-- Counts Stripe events that are in review for more than a day.
select count(*)
  from public.stripe_events e
 where e.status = 'needs_review' and e.created_at < now() - interval '1 day'
