begin
  if exists (select from public.gift_recipients g where g.artifact_id = new.id and g.accepted_at is not null) then
    raise exception 'this gift was accepted: it stays its recipient''s'
      using errcode = '42501', hint = 'Only the deletion request of the person it belongs to ends it.';
  end if;
  return new;
end
