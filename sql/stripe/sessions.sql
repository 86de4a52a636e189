-- The purchases of these checkout sessions.
select p.checkout_session_id, p.status, p.amount_refunded_minor, p.unlocked_at is not null
  from public.purchases p
 where p.checkout_session_id = any(%s)
