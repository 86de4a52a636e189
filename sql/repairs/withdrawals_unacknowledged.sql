-- The trigger writes the text.
insert into public.withdrawal_documents (purchase_id, kind)
select w.purchase_id, 'withdrawal'
  from public.withdrawals w
 where w.status = 'confirmed'
   and not exists (
         select from public.withdrawal_documents d where d.purchase_id = w.purchase_id and d.kind = 'withdrawal');
