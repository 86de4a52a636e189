-- An event that waits for a person may be money that has come in for something nobody knows.
select count(*)
  from public.stripe_events e
 where e.status = 'needs_review' and e.created_at < now() - interval '1 day'
