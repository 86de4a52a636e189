-- Counts withdrawals that were confirmed more than ten days ago and are not refunded in full.
select count(*)
  from public.withdrawals w
  join public.purchases p on p.id = w.purchase_id
 where w.status = 'confirmed' and w.confirmed_at < now() - interval '10 days'
   and p.status <> 'refunded'
