-- What waits for a person: reviews, disputes, decided refunds, events, and payments that are not settled.
-- Reads the operators' views alone.
select w.waiting, w.id, w.purchase_id, w.session_id, w.payment_id, w.amount, w.livemode, w.since, w.due_at, w.detail
  from (
    select r.reason as waiting, r.id::text as id, r.purchase_id, r.checkout_session_id as session_id,
           p.payment_intent_id as payment_id, p.received as amount, r.checkout_session_id like 'cs_live_%%' as livemode,
           r.created_at as since,
           case r.reason when 'withdrawal' then r.created_at + interval '14 days' end as due_at, null::text as detail
      from operations.payment_reviews r
      left join operations.purchases p on p.id = r.purchase_id
     where r.status = 'open'
    union all
    select 'refund_due', r.id::text, p.id, p.checkout_session_id, p.payment_intent_id, p.received, p.livemode,
           r.decided_at, null, r.reason
      from operations.payment_reviews r
      join operations.purchases p on p.id = r.purchase_id
     where r.status = 'decided' and r.decision = 'refund' and r.reason <> 'second_payment'
       and p.status = 'paid' and p.amount_refunded_minor = 0
    union all
    select 'dispute_open', d.id, p.id, p.checkout_session_id, p.payment_intent_id, d.amount, p.livemode,
           d.stripe_created_at, d.evidence_due_at, d.reason
      from operations.disputes d
      join operations.purchases p on p.id = d.purchase_id
     where d.status in ('needs_response', 'warning_needs_response')
    union all
    select case e.status when 'needs_review' then 'event_stopped' else 'event_failing' end, e.id, p.id,
           e.checkout_session_id, p.payment_intent_id, p.received, e.livemode, e.created_at, null, e.error_class
      from operations.stripe_events e
      left join operations.purchases p on p.checkout_session_id = e.checkout_session_id
     where e.status = 'needs_review' or e.status = 'failed' and e.attempts >= 5
    union all
    select 'paid_and_locked', p.id::text, p.id, p.checkout_session_id, p.payment_intent_id, p.received,
           p.livemode, p.paid_at, null, null
      from operations.purchases p
     where p.status = 'paid' and p.unlocked_at is null
       and not exists (select from operations.payment_reviews r where r.purchase_id = p.id)
    union all
    select 'payment_pending', p.id::text, p.id, p.checkout_session_id, p.payment_intent_id, p.amount, p.livemode,
           p.created_at, null, null
      from operations.purchases p
     where p.status = 'processing' and p.created_at < now() - interval '14 days'
  ) w
 order by array_position(%(order)s::text[], w.waiting), coalesce(w.due_at, w.since), w.id
 limit %(most)s
