begin
  return coalesce((select sum(r.amount_minor) from public.refunds r
                    where r.purchase_id = purchase and r.status in ('requires_action', 'pending', 'succeeded')), 0);
end
