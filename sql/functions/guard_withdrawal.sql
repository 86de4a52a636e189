-- The moment of the second step counts, because with it the buyer submits the statement. A waiver ends the right when the
-- delivery begins, so that a purchase that is still locked can be withdrawn from all the same.
declare
  purchase public.purchases;
  waived boolean;
  ending timestamptz;
begin
  select p.* into purchase from public.purchases p where p.id = new.purchase_id for update;
  if tg_op = 'INSERT' and exists (select from public.withdrawals w where w.purchase_id = new.purchase_id) then
    return new;  -- a second one is refused by the unique index
  end if;
  if new.subject_id is distinct from purchase.buyer_subject_id then
    raise exception 'only the buyer can withdraw'
      using errcode = '42501', hint = 'Pass the buyer of the purchase.';
  end if;
  if purchase.paid_at is null or purchase.status = 'refunded' then
    raise exception 'there is no payment to withdraw from: this purchase is unpaid or refunded'
      using errcode = '23514', hint = 'Look at the state of the purchase.';
  end if;
  waived := exists (select from public.withdrawal_documents d where d.purchase_id = purchase.id and d.kind = 'waiver');
  ending := case when waived and purchase.status = 'paid' and purchase.unlocked_at is null
                   then wall.withdrawal_deadline(purchase.paid_at)
                 else purchase.withdraw_until end;
  if ending is null and waived then
    raise exception 'the buyer gave up the right of withdrawal, and got the confirmation'
      using errcode = '23514', hint = 'A person can still refund the purchase.';
  elsif ending is null then
    raise exception 'this buyer has no right of withdrawal'
      using errcode = '23514', hint = 'A person can still refund the purchase.';
  end if;
  if clock_timestamp() > ending then
    raise exception 'the period for a withdrawal is over'
      using errcode = '23514', hint = 'A person can still refund the purchase.';
  end if;
  if tg_op = 'INSERT' then
    new.created_at := now();
  elsif new.status = 'confirmed' and old.status = 'stated' then
    new.confirmed_at := clock_timestamp();
  end if;
  return new;
end
