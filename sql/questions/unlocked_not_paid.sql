-- Counts purchases that are unlocked and were not paid.
select count(*)
  from public.purchases p
 where p.unlocked_at is not null and p.status in ('open', 'processing', 'failed', 'expired')
