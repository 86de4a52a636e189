-- Counts purchases that were paid more than 15 minutes ago and are still locked.
select count(*)
  from public.purchases p
 where p.status = 'paid' and p.unlocked_at is null and p.paid_at < now() - interval '15 minutes'
