-- A state that comes before the one that is stored is an older message, and changes nothing.
#variable_conflict use_column
declare
  rank text[] := array['requires_action', 'pending', 'succeeded', 'canceled',
                 'failed'];
  purchase public.purchases;
begin
  select p.* into purchase
    from public.purchases p
   where p.payment_intent_id = record_refund.payment_intent_id
     for update;
  if not found then
    return 'unknown';
  end if;
  if purchase.paid_at is null then
    return 'unpaid';
  end if;
  insert into public.refunds as t
         (id, purchase_id, charge_id, amount_minor, currency, status, reason, failure_reason, stripe_created_at)
  values (record_refund.refund_id, purchase.id, record_refund.charge_id, record_refund.amount_minor, record_refund.currency,
          record_refund.status, record_refund.reason, record_refund.failure_reason, record_refund.stripe_created_at)
      on conflict (id) do update
     set status = excluded.status, reason = coalesce(excluded.reason, t.reason),
         failure_reason = coalesce(excluded.failure_reason, t.failure_reason)
   where t.purchase_id = excluded.purchase_id
     and array_position(rank, excluded.status) > array_position(rank, t.status);
  return case when found then 'recorded' else 'repeated' end;
end
