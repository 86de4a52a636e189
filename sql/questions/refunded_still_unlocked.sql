-- Counts refunded or disputed purchases that are still unlocked.
select count(*)
  from public.purchases p
 where p.unlocked_at is not null and p.status in ('refunded', 'disputed')
