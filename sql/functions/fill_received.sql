begin
  if new.status = 'paid' then
    new.received_minor := coalesce(new.received_minor, new.expected_minor);
  end if;
  return new;
end
