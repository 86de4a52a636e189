-- Called twice with one order id it opens one purchase; other terms under the same id are refused.
#variable_conflict use_column
begin
  insert into public.purchases (id, purchase_link_id, buyer_subject_id, recipient_subject_id, scroll_id, quantity,
                                buyer_kind)
  values (open_purchase.order_id, open_purchase.purchase_link_id, open_purchase.buyer_subject_id,
          open_purchase.recipient_subject_id, open_purchase.scroll_id, open_purchase.quantity,
          open_purchase.buyer_kind)
      on conflict (id) do nothing;
  if not exists (select from public.purchases p
                  where p.id = open_purchase.order_id
                    and p.purchase_link_id = open_purchase.purchase_link_id
                    and p.quantity = open_purchase.quantity
                    and p.buyer_kind = open_purchase.buyer_kind
                    and p.buyer_subject_id is not distinct from open_purchase.buyer_subject_id
                    and p.recipient_subject_id is not distinct from open_purchase.recipient_subject_id
                    and p.scroll_id is not distinct from open_purchase.scroll_id) then
    raise exception 'this order id belongs to another purchase'
      using errcode = '22023', hint = 'Draw a new order id for each purchase.';
  end if;
  return open_purchase.order_id;
end
