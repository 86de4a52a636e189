-- The purchase is locked before the review, as everywhere else.
#variable_conflict use_column
declare
  purchase uuid;
begin
  select r.purchase_id into purchase from public.payment_reviews r where r.id = decide_review.review_id;
  perform from public.purchases p where p.id = purchase for update;
  update public.payment_reviews r
     set status = 'decided', decision = decide_review.decision, decided_at = clock_timestamp()
   where r.id = decide_review.review_id and r.status = 'open';
  if not found then
    return false;
  end if;
  if decide_review.decision = 'unlock' then
    update public.purchases p
       set unlocked_at = clock_timestamp()
     where p.id = purchase and p.status = 'paid' and p.unlocked_at is null;
  end if;
  perform public.record_audit_event('operator', 'review.decided', 'payment_reviews', decide_review.review_id::text, 'done',
                                    jsonb_build_object('decision', decide_review.decision));
  return true;
end
