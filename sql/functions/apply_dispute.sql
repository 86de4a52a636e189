-- A purchase that was refunded in full stays refunded. One that waits for a person stays locked.
declare
  purchase public.purchases;
  disputed boolean;
  moment timestamptz;
begin
  select p.* into purchase from public.purchases p where p.id = new.purchase_id for update;
  disputed := wall.is_disputed(new.purchase_id);
  moment := clock_timestamp();
  if disputed and purchase.status = 'paid' then
    update public.purchases p
       set status = 'disputed', disputed_at = coalesce(purchase.disputed_at, moment), unlocked_at = null
     where p.id = purchase.id;
  elsif not disputed and purchase.status = 'disputed' then
    update public.purchases p
       set status = 'paid',
           unlocked_at = case when not wall.awaits_review(purchase.id) then moment end
     where p.id = purchase.id;
  end if;
  if new.status = 'lost' then
    perform wall.take_back(purchase.id);
  end if;
  return null;
end
