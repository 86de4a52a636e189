-- An event that has waited for an hour has no worker.
select count(*)
  from public.stripe_events e
 where e.status in ('received', 'failed') and e.created_at < now() - interval '1 hour'
