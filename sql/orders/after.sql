-- What came after the payment: refunds, disputes, reviews and withdrawals, each with its state.
select 'refund' as kind, f.status
  from operations.refunds f
 where f.purchase_id = %(order)s::uuid
union all
select 'dispute', d.status
  from operations.disputes d
 where d.purchase_id = %(order)s::uuid
union all
select 'review', v.status
  from operations.payment_reviews v
 where v.purchase_id = %(order)s::uuid
union all
select 'withdrawal', w.status
  from operations.withdrawals w
 where w.purchase_id = %(order)s::uuid
