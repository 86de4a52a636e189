-- The purchase is locked before the review, as everywhere else. What is not paid cannot be unlocked, and a payment
-- without an order has nothing to unlock.
#variable_conflict use_column
declare
  purchase public.purchases;
begin
  if decision is null or decision not in ('unlock', 'refund', 'leave') then
    raise exception 'unknown decision' using errcode = '22023', hint = 'Pass unlock, refund or leave.';
  end if;
  select p.* into purchase
    from public.payment_reviews r
    join public.purchases p on p.id = r.purchase_id
   where r.id = decide_review.review_id
     for update of p;
  perform from public.payment_reviews r where r.id = decide_review.review_id and r.status = 'open' for update;
  if not found then
    return false;
  end if;
  if decision = 'unlock' and purchase.status is distinct from 'paid' then
    raise exception 'only a paid purchase can be unlocked'
      using errcode = '55000', hint = 'Decide to refund the payment, or to leave it.';
  end if;
  update public.payment_reviews r
     set status = 'decided', decision = decide_review.decision, decided_at = clock_timestamp()
   where r.id = decide_review.review_id;
  if decision = 'unlock' then
    update public.purchases p
       set unlocked_at = clock_timestamp()
     where p.id = purchase.id and p.unlocked_at is null;
  end if;
  perform wall.record_support_act('review.decided', 'payment_reviews', decide_review.review_id::text,
                                  jsonb_build_object('decision', decide_review.decision));
  return true;
end
