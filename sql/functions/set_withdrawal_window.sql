-- An unlock sets it, too, if it is missing: in a purchase that was paid before the window was recorded.
declare
  ending timestamptz := wall.withdrawal_end(new.id, new.buyer_kind, new.paid_at);
begin
  if old.withdraw_until is null
     and (old.paid_at is null or old.unlocked_at is null and new.unlocked_at is not null) then
    new.withdraw_until := ending;
  elsif new.withdraw_until is distinct from old.withdraw_until and new.withdraw_until is distinct from ending then
    raise exception 'purchases.withdraw_until is set by the database'
      using errcode = '23514', hint = 'Leave it out. The payment sets it, from the kind of buyer and the waiver.';
  end if;
  return new;
end
