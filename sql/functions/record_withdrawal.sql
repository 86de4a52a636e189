begin
  if record_withdrawal.confirmed then
    return wall.complete_withdrawal(record_withdrawal.purchase_id, record_withdrawal.buyer);
  end if;
  perform wall.begin_withdrawal(record_withdrawal.purchase_id, record_withdrawal.buyer);
  return null;
end
