-- The newest disputes, with their state at Stripe and the date until which evidence is accepted.
select d.stripe_created_at, d.status, d.amount, d.reason, d.evidence_due_at, p.livemode, d.id,
       d.purchase_id::text as purchase_id, p.checkout_session_id as session_id, count(*) over () as total
  from operations.disputes d
  join operations.purchases p on p.id = d.purchase_id
 order by d.stripe_created_at desc, d.id
 limit %(most)s
