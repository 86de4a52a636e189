-- Locked first, as everywhere, so that of two clicks the second sees what the first did.
begin
  perform from public.purchases p
   where p.id = lock_purchase_of.purchase
     and p.buyer_subject_id is not distinct from lock_purchase_of.buyer
     for update;
  if not found then
    raise exception 'this buyer has no such purchase'
      using errcode = 'P0002', hint = 'Pass the id of a purchase of the person who is signed in.';
  end if;
end
