declare
  stated timestamptz;
begin
  perform wall.lock_purchase_of(begin_withdrawal.purchase, begin_withdrawal.buyer);
  select w.created_at into stated from public.withdrawals w where w.purchase_id = begin_withdrawal.purchase;
  if not found then
    insert into public.withdrawals (purchase_id, subject_id)
    values (begin_withdrawal.purchase, begin_withdrawal.buyer)
    returning created_at into stated;
  end if;
  return stated;
end
