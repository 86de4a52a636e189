begin
  return exists (select from public.disputes d
                  where d.purchase_id = purchase and d.status in ('needs_response', 'under_review', 'lost'));
end
