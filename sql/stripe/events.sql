-- Which of these Stripe events the database has recorded.
select e.id from public.stripe_events e where e.id = any(%s)
