-- The trigger accepts no other date than the one that the payment gives.
update public.purchases p
   set withdraw_until = wall.withdrawal_deadline(p.paid_at)
 where p.paid_at is not null and p.withdraw_until is null and p.buyer_kind = any ('{eu_consumer,unknown}')
   and p.status in ('paid', 'disputed')
   and not exists (
         select from public.withdrawal_documents d where d.purchase_id = p.id and d.kind = 'waiver');
