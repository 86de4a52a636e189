begin
  if new.status = 'paid' then
    new.received_minor := coalesce(new.received_minor, new.amount_minor * new.quantity);
  end if;
  return new;
end
