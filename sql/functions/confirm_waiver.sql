declare
  given text;
begin
  perform from public.purchases p where p.id = confirm_waiver.order_id for update;
  select d.body into given from public.withdrawal_documents d
   where d.purchase_id = confirm_waiver.order_id and d.kind = 'waiver';
  if not found then
    insert into public.withdrawal_documents (purchase_id, kind)
    values (confirm_waiver.order_id, 'waiver')
    returning body into given;
  end if;
  return given;
end
