-- The row is locked before it is read, so that webhook, return page and reconciliation take turns. What Stripe says is
-- read afresh before each call, and an older answer never sets a state back.
#variable_conflict use_column
declare
  purchase public.purchases;
  reason text;
  moment timestamptz;
begin
  if state is null or state not in ('open', 'processing', 'paid', 'failed', 'expired') then
    raise exception 'unknown state of a checkout session'
      using errcode = '22023', hint = 'Pass open, processing, paid, failed or expired.';
  end if;
  if order_id is not null then
    perform public.begin_checkout(order_id, session_id);
  end if;
  select p.* into purchase from public.purchases p where p.checkout_session_id = session_id for update;
  if not found then
    select p.* into purchase from public.purchases p where p.id = order_id;
    if not found or state <> 'paid' then
      return 'unknown';
    end if;
    perform public.review_payment(session_id, 'second_payment', order_id);  -- the order has another session
    return 'review';
  end if;
  reason := case
    when livemode is distinct from purchase.livemode then 'mode_differs'
    when cardinality(price_ids) is distinct from 1 then 'unknown_price'
    when not exists (select from public.purchase_links l where l.stripe_price_id = price_ids[1]) then 'unknown_price'
    when not exists (select from public.purchase_links l
                      where l.stripe_price_id = price_ids[1] and l.id = purchase.purchase_link_id) then 'price_differs'
    when quantities[1] is distinct from purchase.quantity then 'quantity_differs'
    when currency is distinct from purchase.currency then 'currency_differs'
    when subtotal_minor is distinct from purchase.expected_minor then 'amount_differs'
  end;
  moment := clock_timestamp();
  if state = 'paid' and purchase.status in ('open', 'processing', 'failed', 'expired') then
    update public.purchases p
       set status = 'paid',
           paid_at = moment,
           received_minor = settle_purchase.received_minor,
           payment_intent_id = coalesce(purchase.payment_intent_id, settle_purchase.payment_intent_id),
           charge_id = settle_purchase.charge_id,
           unlocked_at = case when reason is null then moment end
     where p.id = purchase.id;
    if reason is not null then
      perform public.review_payment(session_id, reason, purchase.id);
    end if;
    if purchase.buyer_subject_id is not null then
      perform public.enqueue_delivery_job('receipt', purchase.buyer_subject_id, purchase_id => purchase.id);
    end if;
    return case when reason is null then 'unlocked' else 'review' end;
  end if;
  if state = 'paid' then
    return case when purchase.unlocked_at is null then purchase.status else 'unlocked' end;
  end if;
  update public.purchases p
     set status = state,
         payment_intent_id = coalesce(purchase.payment_intent_id, settle_purchase.payment_intent_id)
   where p.id = purchase.id
     and (purchase.status = 'open' and state in ('processing', 'failed', 'expired')
          or purchase.status = 'processing' and state = 'failed');
  return case when found then state else purchase.status end;
end
