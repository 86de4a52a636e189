-- The newest refunds, with their state at Stripe.
select f.stripe_created_at, f.status, f.amount, f.reason, f.failure_reason, p.livemode, f.id,
       f.purchase_id::text as purchase_id, p.checkout_session_id as session_id, count(*) over () as total
  from operations.refunds f
  join operations.purchases p on p.id = f.purchase_id
 order by f.stripe_created_at desc, f.id
 limit %(most)s
