-- A state that comes before the one that is stored is an older message, and changes nothing.
#variable_conflict use_column
declare
  rank text[] := array['warning_needs_response', 'warning_under_review', 'warning_closed', 'prevented',
                 'needs_response', 'under_review', 'lost', 'won'];
  purchase public.purchases;
begin
  select p.* into purchase
    from public.purchases p
   where p.payment_intent_id = record_dispute.payment_intent_id
     for update;
  if not found then
    return 'unknown';
  end if;
  if purchase.paid_at is null then
    return 'unpaid';
  end if;
  insert into public.disputes as t
         (id, purchase_id, charge_id, amount_minor, currency, status, reason, evidence_due_at, stripe_created_at)
  values (record_dispute.dispute_id, purchase.id, record_dispute.charge_id, record_dispute.amount_minor, record_dispute.currency,
          record_dispute.status, record_dispute.reason, record_dispute.evidence_due_at, record_dispute.stripe_created_at)
      on conflict (id) do update
     set status = excluded.status, reason = coalesce(excluded.reason, t.reason),
         evidence_due_at = coalesce(excluded.evidence_due_at, t.evidence_due_at)
   where t.purchase_id = excluded.purchase_id
     and array_position(rank, excluded.status) > array_position(rank, t.status);
  return case when found then 'recorded' else 'repeated' end;
end
