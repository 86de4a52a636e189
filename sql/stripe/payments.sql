-- The purchases of these payments.
select p.payment_intent_id, p.status, p.amount_refunded_minor, p.unlocked_at is not null
  from public.purchases p
 where p.payment_intent_id = any(%s)
