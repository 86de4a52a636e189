-- Counts active purchase links whose product is not active.
select count(*)
  from public.purchase_links l
  join public.products p on p.id = l.product_id
 where l.active and not p.active
