-- The newest reviews, and what was decided.
select r.created_at, r.reason, r.status, r.decision, r.decided_at, p.received as amount, r.id::text as id,
       r.purchase_id::text as purchase_id, r.checkout_session_id as session_id, count(*) over () as total
  from operations.payment_reviews r
  left join operations.purchases p on p.id = r.purchase_id
 order by r.created_at desc, r.id
 limit %(most)s
