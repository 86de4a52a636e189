-- Counts Stripe events that have not been processed for more than an hour.
select count(*)
  from public.stripe_events e
 where e.status in ('received', 'processing', 'failed') and e.created_at < now() - interval '1 hour'
