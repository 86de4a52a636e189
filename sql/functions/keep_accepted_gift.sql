begin
  if exists (select from public.gift_recipients g where g.artifact_id = new.id and g.accepted_at is not null) then
    raise exception 'an accepted gift cannot be withdrawn or replaced'
      using errcode = '42501', hint = 'It is deleted only when its recipient is erased.';
  end if;
  return new;
end
