-- Counts purchases that were paid with another amount than the expected one, unless a person has decided about them.
select count(*)
  from public.purchases p
 where p.received_minor <> p.expected_minor
   and not exists (
         select from public.payment_reviews r where r.purchase_id = p.id and r.status = 'decided')
