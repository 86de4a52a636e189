-- Called twice with the same wording it records one waiver; another wording for the same order is refused.
declare
  buyer uuid;
  waiver public.withdrawal_waivers;
begin
  select p.buyer_subject_id into buyer from public.purchases p where p.id = record_waiver.order_id for update;
  select w.* into waiver from public.withdrawal_waivers w where w.purchase_id = record_waiver.order_id;
  if not found then
    insert into public.withdrawal_waivers (purchase_id, subject_id, notice_id)
    values (record_waiver.order_id, buyer, record_waiver.notice_id)
    returning * into waiver;
  end if;
  if waiver.notice_id is distinct from record_waiver.notice_id then
    raise exception 'this order has a waiver with another wording'
      using errcode = '22023', hint = 'Draw a new order id when the buyer chooses again.';
  end if;
  return waiver.id;
end
