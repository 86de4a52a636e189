-- Stripe's events about a purchase in the order in which they came: kind, state, and how often each came.
select e.type, e.status, e.deliveries
  from operations.purchases p
  join operations.stripe_events e
    on e.checkout_session_id = p.checkout_session_id
    or e.checkout_session_id is null and e.object_id in (p.payment_intent_id, p.charge_id)
 where p.id = %(order)s::uuid
 order by e.created_at, e.id
