begin
  if new.amount_refunded_minor is distinct from wall.refunded_minor(new.id) then
    raise exception 'purchases.amount_refunded_minor is the sum of the refunds of the purchase'
      using errcode = '23514', hint = 'Record the refund with public.record_refund, and leave the sum to the database.';
  end if;
  return new;
end
