declare
  state text;
begin
  perform wall.lock_purchase_of(complete_withdrawal.purchase, complete_withdrawal.buyer);
  select w.status into state from public.withdrawals w where w.purchase_id = complete_withdrawal.purchase;
  if not found then
    raise exception 'a withdrawal is confirmed only after it was stated'
      using errcode = '22023', hint = 'Call the first step before, and show the buyer what is confirmed.';
  end if;
  if state = 'stated' then
    update public.withdrawals w
       set status = 'confirmed', confirmed_at = clock_timestamp()
     where w.purchase_id = complete_withdrawal.purchase;
  end if;
  return (select d.body from public.withdrawal_documents d
           where d.purchase_id = complete_withdrawal.purchase and d.kind = 'withdrawal');
end
