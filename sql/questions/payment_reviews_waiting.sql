-- Counts payment reviews that nobody has decided for a day.
select count(*)
  from public.payment_reviews r
 where r.status = 'open' and r.created_at < now() - interval '24 hours'
