-- The purchase is locked, so that a payment at the same time comes before or after the waiver.
declare
  purchase public.purchases;
begin
  select p.* into purchase from public.purchases p where p.id = new.purchase_id for update;
  select n.body_sha256 into new.wording_sha256
    from public.consent_notices n
   where n.id = new.notice_id and n.purpose = 'withdrawal_waiver';
  if not found then
    raise exception 'this notice is no wording of a waiver'
      using errcode = '23514', hint = 'Pass the id of the withdrawal_waiver that the buyer was shown.';
  end if;
  if exists (select from public.withdrawal_waivers w where w.purchase_id = new.purchase_id) then
    return new;  -- a second one is refused by the unique index
  end if;
  if new.subject_id is null or new.subject_id is distinct from purchase.buyer_subject_id then
    raise exception 'only the buyer can give up the right of withdrawal'
      using errcode = '42501', hint = 'Open the purchase for the person who agrees. A guest keeps the right.';
  end if;
  if purchase.status <> 'open' then
    raise exception 'a waiver comes before the payment, and this purchase is not open any more'
      using errcode = '23514', hint = 'The buyer keeps the right of withdrawal for this purchase.';
  end if;
  if not wall.is_delivered_at_once(purchase.purchase_link_id) then
    raise exception 'what is delivered later has no waiver'
      using errcode = '23514', hint = 'Sell it without one: its window of withdrawal stays open.';
  end if;
  return new;
end
