-- Money that is in for a quarter of an hour without an unlock is a sale that went wrong.
select count(*)
  from public.purchases p
 where p.status = 'paid' and p.unlocked_at is null and p.paid_at < now() - interval '15 minutes'
