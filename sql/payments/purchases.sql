-- The newest purchases with their product, payment and unlock.
select p.created_at, r.layer, p.status, p.unlocked_at is not null as unlocked, p.quantity,
       p.amount, p.received, p.amount_refunded, p.livemode, p.paid_at, p.id::text as id,
       p.checkout_session_id as session_id, p.payment_intent_id as payment_id, count(*) over () as total
  from operations.purchases p
  join operations.purchase_links l on l.id = p.purchase_link_id
  join operations.products r on r.id = l.product_id
 order by p.created_at desc, p.id
 limit %(most)s
