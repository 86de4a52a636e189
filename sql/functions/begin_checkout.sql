begin
  update public.purchases p
     set checkout_session_id = begin_checkout.session_id
   where p.id = begin_checkout.order_id and p.checkout_session_id is null;
  return exists (select from public.purchases p
                  where p.id = begin_checkout.order_id and p.checkout_session_id = begin_checkout.session_id);
end
