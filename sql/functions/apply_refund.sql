-- The purchase is locked first, so that of two refunds at once the second adds up both. When a refund fails, its buyer,
-- who paid after all, has the purchase again and what was taken back (purchases_given_back). A person still decides
-- whether the money is returned in another way.
declare
  purchase public.purchases;
  returned bigint;
  state text;
  moment timestamptz;
begin
  select p.* into purchase from public.purchases p where p.id = new.purchase_id for update;
  returned := wall.refunded_minor(new.purchase_id);
  moment := clock_timestamp();
  state := case when returned > 0 and returned = purchase.received_minor then 'refunded'
                when purchase.status <> 'refunded' then purchase.status
                when wall.is_disputed(purchase.id) then 'disputed'
                else 'paid' end;
  update public.purchases p
     set status = state,
         amount_refunded_minor = returned,
         refunded_at = case when state = 'refunded' then coalesce(purchase.refunded_at, moment) end,
         disputed_at = case when state = 'disputed' then coalesce(purchase.disputed_at, moment) else purchase.disputed_at end,
         unlocked_at = case when state = 'paid' and purchase.status = 'paid' then purchase.unlocked_at
                            when state = 'paid' and not wall.awaits_review(purchase.id) then moment end
   where p.id = purchase.id;
  if state = 'refunded' and purchase.status <> 'refunded' then
    perform wall.take_back(purchase.id);
  elsif purchase.status = 'refunded' and state <> 'refunded' and purchase.checkout_session_id is not null then
    perform public.review_payment(purchase.checkout_session_id, 'refund_failed', purchase.id);
  end if;
  return null;
end
