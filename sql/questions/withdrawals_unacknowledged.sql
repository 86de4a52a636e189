-- Counts withdrawals that were confirmed more than a day ago and have no acknowledgement.
select count(*)
  from public.withdrawals w
 where w.status = 'confirmed' and w.confirmed_at < now() - interval '1 day'
   and not exists (
         select from public.withdrawal_documents d where d.purchase_id = w.purchase_id and d.kind = 'withdrawal')
