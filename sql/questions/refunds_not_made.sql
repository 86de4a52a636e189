-- Counts purchases whose refund was decided three days ago, and that have no refund.
select count(*)
  from public.payment_reviews r
  join public.purchases p on p.id = r.purchase_id
 where r.decision = 'refund' and r.decided_at < now() - interval '72 hours' and r.reason <> 'second_payment'
   and p.status = 'paid' and p.amount_refunded_minor = 0
