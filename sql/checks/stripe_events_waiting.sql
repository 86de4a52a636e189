-- An event that has waited for an hour has no worker, or one that died while it had it.
select count(*)
  from public.stripe_events e
 where e.status in ('received', 'processing', 'failed') and e.created_at < now() - interval '1 hour'
