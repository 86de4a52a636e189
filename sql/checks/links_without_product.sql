-- A link that can be bought leads to a product that can be bought.
select count(*)
  from public.purchase_links l
  join public.products p on p.id = l.product_id
 where l.active and not p.active
